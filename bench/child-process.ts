import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Readable } from 'node:stream'
import type { Answer, Task } from './task.ts'

/** What became of a task: its answer, or why there is none. */
export type Outcome = Answer | { readonly failed: string }

/** A process at a task. */
export interface Child {
  readonly outcome: Promise<Outcome>
  /** Kills it at once, with all that it has started. */
  kill(): void
}

const program = fileURLToPath(new URL('child.ts', import.meta.url))
const saidMax = 2000

/** Begins a task in a new process, which is killed when its time is over. */
export function startChild(task: Task, limitMs: number): Child {
  // None that V8 does its work by: the code of Node itself would be compiled anew by each process.
  const flags = ['--disable-warning=ExperimentalWarning', program, JSON.stringify(task)]
  // A group of its own: servers that it starts end with it.
  const child = spawn(process.execPath, flags, { stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true })
  const kill = (): void => killGroup(child.pid)
  // Whoever interrupts the session leaves nothing behind.
  process.once('exit', kill)
  let isLate = false
  const limit = setTimeout(() => {
    isLate = true
    kill()
  }, limitMs)
  let [said, answer] = ['', '']
  const [, output, errors, answers] = child.stdio as readonly (Readable | null)[]
  for (const pipe of [output, errors]) pipe?.on('data', (chunk) => (said = `${said}${String(chunk)}`.slice(-saidMax)))
  answers?.on('data', (chunk) => (answer += String(chunk)))
  const outcome = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(limit)
      process.off('exit', kill)
      // What it has left behind holds no port and no file of the next one.
      kill()
      if (answer !== '') resolve(JSON.parse(answer) as Answer)
      else if (isLate) resolve({ failed: `not done in ${limitMs / 1000} s` })
      else resolve({ failed: `ended with ${signal ?? code}: ${firstError(said)}` })
    })
  })
  return { outcome, kill }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // Nobody is left of it.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function firstError(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  return (
    lines.find((line) => /^\s*(Uncaught )?\w*(Error|Fault)( \[\w+\])?: /.test(line))?.trim() ??
    lines.at(-1)?.trim() ??
    'it said nothing'
  )
}
