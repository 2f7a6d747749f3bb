/**
 * Whether a text is a schedule of five fields as cron(5) of Vixie cron has them:
 * numbers, names of months and weekdays, `*`, ranges, lists and steps.
 */
export function isCron(text: string): boolean {
  const given = text.trim().split(/\s+/)
  return given.length === fields.length && fields.every((field, index) => isField(given[index] ?? '', field))
}

/** Whether this machine knows a time zone of that name. */
export function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

interface Field {
  readonly least: number
  readonly most: number
  readonly names: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const fields: readonly Field[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: months },
  // 0 and 7 are both Sunday.
  { least: 0, most: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

function isField(text: string, field: Field): boolean {
  return text.split(',').every((part) => isPart(part, field))
}

function isPart(part: string, field: Field): boolean {
  const [range = '', step, ...more] = part.split('/')
  if (more.length > 0) return false
  if (step !== undefined && !(/^\d+$/.test(step) && Number(step) >= 1)) return false
  if (range === '*') return true
  const [first, last, ...rest] = range.split('-').map((value) => valueOf(value, field))
  if (first === undefined || rest.length > 0) return false
  // A step goes through a range.
  if (!range.includes('-')) return step === undefined
  return last !== undefined && first <= last
}

function valueOf(text: string, { least, most, names }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase())
  if (named >= 0) return named + least
  const value = /^\d{1,2}$/.test(text) ? Number(text) : undefined
  return value !== undefined && value >= least && value <= most ? value : undefined
}
