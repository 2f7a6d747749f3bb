import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells a process from every other one, also from one that has its number later. */
export interface ProcessIdentity {
  readonly pid: number
  readonly host: string
  /** When the process began, in ticks since the host did; absent where the system does not tell. */
  readonly startTime?: string
  /** New each time the host starts. */
  readonly boot?: string
  /** The numbers of processes mean nothing outside of their namespace. */
  readonly namespace?: string
}

/** The identity of this process. */
export function ownIdentity(): ProcessIdentity {
  found ??= identityOf(process.pid)
  return found
}

// Does not change, and is asked for with every lease that somebody else holds.
let found: ProcessIdentity | undefined

/** The identity of a process of this host, as it is now. */
export function identityOf(pid: number): ProcessIdentity {
  const startTime = statOf(pid)?.startTime
  const boot = textOf(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim())
  const namespace = textOf(() => readlinkSync('/proc/self/ns/pid'))
  return {
    pid,
    host: hostname(),
    ...(startTime === undefined ? {} : { startTime }),
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/**
 * Whether the process is known to have ended. False where that cannot be known
 * from here: on another host, in another namespace, or on a system without `/proc`.
 */
export function isDead(identity: ProcessIdentity): boolean {
  const own = ownIdentity()
  if (own.boot === undefined || identity.boot === undefined || identity.host !== own.host) return false
  if (identity.boot !== own.boot) return true
  if (identity.pid === own.pid && identity.startTime === own.startTime) return false
  if (identity.namespace !== own.namespace || identity.startTime === undefined) return false
  const stat = statOf(identity.pid)
  // What processes of others do, a system may keep to itself.
  if (stat === undefined) return !isThere(identity.pid)
  // A zombie has ended; only its number is kept until its parent looks.
  return stat.startTime !== identity.startTime || stat.state === 'Z' || stat.state === 'X'
}

/**
 * As `isDead`, of a store that hosts share: two of them may have the same name, so that one which has started again
 * cannot be told from another one.
 */
export function isDeadHere(identity: ProcessIdentity): boolean {
  const own = ownIdentity()
  return identity.boot === own.boot && identity.namespace !== undefined && isDead(identity)
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

function statOf(pid: number): { readonly state: string; readonly startTime: string } | undefined {
  const stat = textOf(() => readFileSync(`/proc/${pid}/stat`, 'latin1'))
  // The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, startTime] = [fields?.[0], fields?.[19]]
  return state === undefined || startTime === undefined ? undefined : { state, startTime }
}

function textOf(read: () => string): string | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
