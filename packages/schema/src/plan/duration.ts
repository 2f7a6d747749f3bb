/**
 * A duration in milliseconds, `undefined` for any other text. Takes `250ms`,
 * `10s`, `5m`, `1h30m`, `2d` with units from large to small, and ISO-8601 from
 * weeks down, such as `PT5M` and `P1D`: months and years have no fixed length.
 */
export function parseDuration(text: string): number | undefined {
  const parts = shortForm.exec(text) ?? isoForm.exec(text)
  if (!parts?.groups) return undefined
  let ms = 0
  let named = false
  for (const [unit, factor] of unitsMs) {
    const amount = parts.groups[unit]
    if (amount === undefined) continue
    named = true
    ms += Number(amount) * factor
  }
  const rounded = Math.round(ms)
  return named && Number.isSafeInteger(rounded) ? rounded : undefined
}

/** The one canonical text of a duration: `1h30m`, `250ms`, `0ms`. Takes whole milliseconds from 0. */
export function formatDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, factor] of unitsMs) {
    if (unit === 'w') continue
    const amount = Math.floor(rest / factor)
    rest -= amount * factor
    if (amount > 0) text += `${amount}${unit}`
  }
  return text === '' ? '0ms' : text
}

const unitsMs = [
  ['w', 604_800_000],
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const

const amount = String.raw`\d{1,15}(?:\.\d{1,9})?`

const shortForm = new RegExp(
  `^(?:(?<d>${amount})d)?(?:(?<h>${amount})h)?(?:(?<m>${amount})m(?!s))?(?:(?<s>${amount})s)?(?:(?<ms>${amount})ms)?$`,
)

// A `T` with nothing after it is not ISO-8601.
const isoForm = new RegExp(
  `^P(?:(?<w>${amount})W)?(?:(?<d>${amount})D)?(?:T(?=\\d)(?:(?<h>${amount})H)?(?:(?<m>${amount})M)?(?:(?<s>${amount})S)?)?$`,
)
