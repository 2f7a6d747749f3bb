// Noon in winter and in summer: a zone that is known has an offset of its own, and moves it.
const [winter, summer] = [Date.UTC(2024, 0, 15, 12), Date.UTC(2024, 6, 15, 12)]

/** Why times in a time zone cannot be computed here: a Node may be built without its data. */
export function timeZoneFlaw(
  zone = 'Europe/Berlin',
  offsets: readonly [string, string] = ['13', '14'],
): string | undefined {
  try {
    const clock = new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' })
    const told = [clock.format(winter), clock.format(summer)]
    if (told[0] === offsets[0] && told[1] === offsets[1]) return undefined
    return `this Node computes ${zone} wrongly: noon UTC is ${told.join(' and ')} o'clock, not ${offsets.join(' and ')}`
  } catch (error) {
    return `this Node has no time zone ${zone}: ${error instanceof Error ? error.message : String(error)}`
  }
}
