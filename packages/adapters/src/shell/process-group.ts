import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { Writable } from 'node:stream'
import type { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { CommandFailure, machineFailure, systemCode } from './command-failure.ts'
import type { Environment } from './environment.ts'
import { unwatch, watch } from './watchdog.ts'

/** How a process ended: one of the two is set. */
export interface Exit {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
}

/** A command in a process group of its own, which has its number. */
export interface ProcessGroup {
  readonly pid: number
  readonly stdout: Readable
  readonly stderr: Readable
  readonly exited: Promise<Exit>
  /** Lets the command begin. */
  go(): void
  kill(signal: NodeJS.Signals): void
  /** Whether anybody is left in the group. */
  isAlive(): boolean
}

// The command waits for our word on descriptor 3, so that it is watched, and known on disk, before it does anything. If
// we die first, the word never comes. Arguments are handed on as they are: nothing of them is read as shell.
const gate = 'read -r _ <&3 || exit 1; exec 3<&-; exec "$@"'

/** Starts a command at its gate. The number of the group stays ours until it is empty, also once its leader has ended. */
export async function startGroup(
  argv: readonly string[],
  { folder, env }: { readonly folder: string; readonly env: Environment },
): Promise<ProcessGroup> {
  const child = spawned(argv, folder, env)
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }))
  })
  const { pid, stdout, stderr } = child
  if (pid === undefined) {
    const error = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw machineFailure('the process could not be started', error)
  }
  const word = child.stdio[3]
  if (stdout === null || stderr === null || !(word instanceof Writable)) throw new TypeError('a stream is missing')
  try {
    watch(pid)
  } catch (error) {
    signalGroup(pid, 'SIGKILL')
    throw machineFailure('the process could not be watched over', error)
  }
  // Whoever is killed at the gate does not hear our word; `exited` tells.
  word.on('error', () => undefined)
  child.on('error', () => undefined)
  return {
    pid,
    stdout,
    stderr,
    exited,
    go: () => void word.end('go\n'),
    kill: (signal) => void signalGroup(pid, signal),
    isAlive: () => signalGroup(pid, 0),
  }
}

function spawned(argv: readonly string[], folder: string, env: Environment): ChildProcess {
  try {
    return spawn('/bin/sh', ['-c', gate, 'sh', ...argv], {
      cwd: folder,
      env: { ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
  } catch (error) {
    if (systemCode(error) !== 'E2BIG') throw machineFailure('the process could not be started', error)
    const message = 'the arguments and variables of the step are longer than the system takes'
    throw new CommandFailure('ARGUMENT_REFUSED', message, { cause: error })
  }
}

// Sends a signal to all of a group; 0 only looks. False where nobody is in it.
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
    // There is somebody, but of another user.
    if (systemCode(error) === 'EPERM') return true
    throw error
  }
}

/** One process of a group. */
export interface Member {
  readonly pid: number
  readonly name: string
}

const killWaitMs = 5000

/** Kills all that is left in a group and tells who that was, once nobody is. */
export async function endGroup(group: number): Promise<readonly Member[]> {
  if (!signalGroup(group, 0)) {
    unwatch(group)
    return []
  }
  const left = (await membersOf(group)) ?? []
  for (
    let waitedMs = 0, pauseMs = 1;
    waitedMs <= killWaitMs;
    waitedMs += pauseMs, pauseMs = Math.min(pauseMs * 2, 100)
  ) {
    if (!signalGroup(group, 'SIGKILL') || (await membersOf(group))?.length === 0) {
      unwatch(group)
      return left
    }
    await delay(pauseMs)
  }
  const still = ((await membersOf(group)) ?? []).map(({ pid, name }) => `${pid} (${name})`)
  const message = `processes of the step could not be killed within ${killWaitMs} ms: ${still.join(', ')}`
  throw new CommandFailure('PROCESS_FAILED', message, { retryable: true })
}

/**
 * The living processes of a group; `undefined` where the system has no `/proc`. A
 * zombie is not alive, but keeps the group for as long as nobody takes notice of it.
 */
export async function membersOf(group: number): Promise<readonly Member[] | undefined> {
  const names = await readdir('/proc').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (names === undefined) return undefined
  const members = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((pid) => memberOf(Number(pid), group)),
  )
  return members.filter((member) => member !== undefined)
}

async function memberOf(pid: number, group: number): Promise<Member | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch((error: unknown) => {
    // It has ended since it was listed.
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ESRCH') return undefined
    throw error
  })
  // The name of the program stands in parentheses and may hold anything, also spaces and parentheses.
  const [from, to] = [stat?.indexOf('('), stat?.lastIndexOf(')')]
  if (stat === undefined || from === undefined || to === undefined) return undefined
  const [state, , inGroup] = stat.slice(to + 2).split(' ')
  if (Number(inGroup) !== group || state === 'Z' || state === 'X') return undefined
  return { pid, name: stat.slice(from + 1, to) }
}
