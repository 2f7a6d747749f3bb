import { isReserved } from './file-name.ts'

/** Where everything is in a store. */
export interface Layout {
  readonly root: string
  readonly plans: string
  /** A folder for each idempotency key, with one file that names its run. */
  readonly keys: string
  readonly runs: string
  /** What is being made: it is not there before it is renamed or linked to its place. */
  readonly staging: string
  /** Messages on their way; what happens here is what other processes watch. */
  readonly sending: string
  readonly trash: string
  /** A byte for each deletion, so that nobody takes a run for the one that had its name. */
  readonly deletions: string
  /** A byte for each run that was made, given back or sent a message, so that nobody has to look at all of them. */
  readonly changes: string
}

/** The layout of a store in `root`. */
export function layoutOf(root: string): Layout {
  return {
    root,
    plans: `${root}/plans`,
    keys: `${root}/keys`,
    runs: `${root}/runs`,
    staging: `${root}/staging`,
    sending: `${root}/sending`,
    trash: `${root}/trash`,
    deletions: `${root}/deletions`,
    changes: `${root}/changes`,
  }
}

/** The folder of journal segments in the folder of a run. */
export function journalOf(folder: string): string {
  return `${folder}/journal`
}

/** The file of a segment. */
export function segmentPath(folder: string, segment: number): string {
  return `${folder}/journal/${numbered(segment)}.jsonl`
}

/** The file with what became of a lease without an event: renewed, or given back. */
export function notePath(folder: string, segment: number): string {
  return `${folder}/journal/${numbered(segment)}.lease`
}

/** The file in which a thread beside its holder says how long a lease lasts. */
export function keptPath(folder: string, segment: number): string {
  return `${folder}/journal/${numbered(segment)}.kept`
}

/** The file of a message. */
export function messagePath(folder: string, n: number): string {
  return `${folder}/inbox/${numbered(n)}.json`
}

/** The numbers of the segments among the names in a journal folder, ascending. */
export function segmentsIn(names: readonly string[]): number[] {
  const numbers = names.flatMap((name) => (/^\d{6,}\.jsonl$/.test(name) ? [Number.parseInt(name, 10)] : []))
  return numbers.toSorted((a, b) => a - b)
}

/** The folder of an attempt, under that of its run. Step paths are made of letters, digits and `[]~_-/`. */
export function attemptFolder(folder: string, path: string, attempt: number): string {
  const parts = path.split('/').map((part) => {
    const safe = part.replace(/[^A-Za-z0-9_[\]~-]/gu, (other) => encodeURIComponent(other).replaceAll('%', '='))
    return (isReserved(safe) ? `${safe}+` : safe).replaceAll('.', '=2e')
  })
  return `${folder}/steps/${parts.join('/')}/attempt-${attempt}`
}

/** A number as names of files bear it: in the order of the numbers as long as they have six digits. */
function numbered(number: number): string {
  return String(number).padStart(6, '0')
}
