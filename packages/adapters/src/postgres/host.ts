import { isDeadHere, ownIdentity, type ProcessIdentity } from '../process/process-identity.ts'

/** What a storage knows of the system that it runs on. */
export interface Host {
  /** The number of this process in the store, under which it holds leases; `null` where nobody could tell whether it has ended. */
  readonly processId: () => Promise<number | null>
  /** What a look for work says of this process: its number, or, before it has one, the identity to get one with. */
  readonly named: () => { readonly process: number | null; readonly identity: string | null }
  /** The number that a look for work has brought. */
  readonly isNumbered: (process: number | null) => void
  /** Hears of processes of this system that hold leases, before the first look for work. */
  readonly hearOf: (identities: readonly string[]) => void
  /** Those of whom it heard, and who have ended; told once. */
  readonly ended: () => readonly string[]
  /** New each time the system starts; `null` where it does not say. */
  readonly boot: string | null
  /** Whether the process of an identity, as JSON, is known to have ended. */
  readonly isDead: (identity: string) => boolean
}

/** Who this process is, and how it judges others. */
export interface Process {
  readonly identity: ProcessIdentity
  readonly isDead: (other: ProcessIdentity) => boolean
}

/** This process, and what the system says of others. */
export const thisProcess = (): Process => ({ identity: ownIdentity(), isDead: isDeadHere })

/** The host of a storage. `register` puts an identity into the store, and is asked with the first lease of a new run. */
export function hostOf(
  { identity, isDead }: Process,
  register: (boot: string, identity: string) => Promise<number>,
): Host {
  const { boot, startTime } = identity
  const own = boot === undefined || startTime === undefined ? undefined : { boot, identity: JSON.stringify(identity) }
  let registered: Promise<number> | undefined
  let number: number | null = null
  let heard: readonly string[] = []
  const hasEnded = (other: string): boolean => {
    const read = identityFrom(other)
    return read !== undefined && isDead(read)
  }
  return {
    boot: boot ?? null,
    isDead: hasEnded,
    named: () => ({ process: number, identity: number === null ? (own?.identity ?? null) : null }),
    isNumbered(process) {
      number ??= process
    },
    hearOf(identities) {
      heard = identities
    },
    ended() {
      const told = heard.filter((other) => other !== own?.identity && hasEnded(other))
      heard = []
      return told
    },
    async processId() {
      if (own === undefined || number !== null) return number
      registered ??= register(own.boot, own.identity)
      try {
        number = await registered
        return number
      } catch (error) {
        registered = undefined
        throw error
      }
    },
  }
}

// What cannot be read is nobody's identity: its leases run out.
function identityFrom(text: string): ProcessIdentity | undefined {
  try {
    const read: unknown = JSON.parse(text)
    return isIdentity(read) ? read : undefined
  } catch {
    return undefined
  }
}

function isIdentity(read: unknown): read is ProcessIdentity {
  return typeof read === 'object' && read !== null && 'pid' in read && Number.isSafeInteger(read.pid) && 'host' in read
}
