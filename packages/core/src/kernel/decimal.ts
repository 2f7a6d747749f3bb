/**
 * The decimal digits of a whole number that counts up, not below 0. V8 keeps the text of each number that it has written until
 * it collects all garbage, so that a long run that counts its steps would have a text for each: here three digits at a time are written.
 */
export function decimal(count: number): string {
  if (count < 1000) return `${count}`
  const low = count % 1000
  const zeros = low < 10 ? '00' : low < 100 ? '0' : ''
  return `${(count - low) / 1000}${zeros}${low}`
}
