const dayMs = 86_400_000

/**
 * An instant as RFC 3339 text in UTC. The kernel has no `Date`; the civil date
 * is computed from days as in Howard Hinnant's `civil_from_days`
 * (https://howardhinnant.github.io/date_algorithms.html).
 */
export function timestampText(epochMs: number): string {
  const days = Math.floor(epochMs / dayMs)
  const inDay = epochMs - days * dayMs
  const z = days + 719_468
  const era = Math.floor(z / 146_097)
  const doe = z - era * 146_097
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365)
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100))
  const mp = Math.floor((5 * doy + 2) / 153)
  const day = doy - Math.floor((153 * mp + 2) / 5) + 1
  const month = mp < 10 ? mp + 3 : mp - 9
  const year = yoe + era * 400 + (month <= 2 ? 1 : 0)
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`
  const hours = Math.floor(inDay / 3_600_000)
  const minutes = Math.floor(inDay / 60_000) % 60
  const seconds = Math.floor(inDay / 1000) % 60
  return `${date}T${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(inDay % 1000, 3)}Z`
}

function digits(value: number, width: number): string {
  return String(Math.floor(value)).padStart(width, '0')
}
