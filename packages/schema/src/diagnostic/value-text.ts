/** A value as a message quotes it: JSON, cut short where it is long; a list or map by what it is. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'a map'
  if (typeof value === 'string')
    return JSON.stringify(value.length > lengthMax ? `${value.slice(0, lengthMax)}…` : value)
  return String(value)
}

const lengthMax = 60
