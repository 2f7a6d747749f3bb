/**
 * Draws a number in [0, 1) from a seed and moves the seed on: mulberry32 by
 * Tommy Ettinger (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c),
 * enough to spread retries, not for secrets.
 */
export function draw(source: { seed: number }): number {
  source.seed = (source.seed + 0x6d2b79f5) | 0
  const a = source.seed
  let t = Math.imul(a ^ (a >>> 15), 1 | a)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
}
