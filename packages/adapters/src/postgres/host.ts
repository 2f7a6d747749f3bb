import { isDeadHere, ownIdentity, type ProcessIdentity } from '../process/process-identity.ts'

/** What a storage knows of the system that it runs on. */
export interface Host {
  /** The number of this process in the store, under which it holds leases; `null` where nobody could tell whether it has ended. */
  readonly processId: () => Promise<number | null>
  /** Those who had ended when this process got its number; asked once, for the first look for work. */
  readonly endedBefore: () => readonly string[]
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

/** The number that a process got in the store, and the identities of other processes of its system, as JSON; `null` where there are none. */
export interface Registration {
  readonly id: number
  readonly neighbours: readonly string[] | null
}

/** The host of a storage. `register` puts an identity into the store, and is asked with the first lease. */
export function hostOf(
  { identity, isDead }: Process,
  register: (boot: string, identity: string) => Promise<Registration>,
): Host {
  const { boot, startTime } = identity
  const own = JSON.stringify(identity)
  let registered: Promise<number> | undefined
  let ended: readonly string[] = []
  const hasEnded = (other: string): boolean => {
    const read = identityFrom(other)
    return read !== undefined && isDead(read)
  }
  const registration = async (start: string): Promise<number> => {
    const { id, neighbours } = await register(start, own)
    ended = (neighbours ?? []).filter(hasEnded)
    return id
  }
  return {
    boot: boot ?? null,
    isDead: hasEnded,
    endedBefore() {
      const told = ended
      ended = []
      return told
    },
    async processId() {
      if (boot === undefined || startTime === undefined) return null
      registered ??= registration(boot)
      try {
        return await registered
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
