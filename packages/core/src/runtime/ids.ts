import { customAlphabet } from 'nanoid'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const length = 12
// For many ids at a time: asking the platform for chance takes as long as a step.
const draw = customAlphabet(alphabet, 64 * length)
let drawn = ''

/** 60 random bits. */
function random(): string {
  if (drawn === '') drawn = draw()
  const id = drawn.slice(0, length)
  drawn = drawn.slice(length)
  return id
}

/** A run's id: `run_`, the time in base 32 so that ids sort by age, and 60 random bits. */
export function runIdAt(epochMs: number): string {
  let rest = Math.floor(epochMs)
  let time = ''
  for (let digit = 0; digit < 9; digit++) {
    time = alphabet.charAt(rest % 32) + time
    rest = Math.floor(rest / 32)
  }
  return `run_${time}${random()}`
}

/** A name that no other engine, run or message has. */
export function uniqueId(prefix: string): string {
  return `${prefix}_${random()}`
}

/** What the chance of a run begins with: the kernel draws from it. */
export function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 32)
}

/** What a run's id may be: it names files, rows and URLs. */
export const runIdPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
