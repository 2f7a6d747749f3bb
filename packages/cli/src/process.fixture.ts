import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))

// Stripping the types of all sources takes most of the time that a command takes.
const compileCache = join(tmpdir(), 'segno-compile-cache')

/** What a command left behind. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** What a command runs in. */
export interface Surroundings {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Signals to send, each once stderr holds its text. */
  readonly signals?: readonly (readonly [after: string, signal: NodeJS.Signals])[]
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Waits until what was printed on either stream holds a text. */
  printed(text: string): Promise<void>
}

/** Writes files, each by its path below a folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

/** Runs `segno` to its end. Words are parted by spaces. */
export function segno(words: string, surroundings: Surroundings): Promise<Ended> {
  return startSegno(words, surroundings).ended
}

/** The id of the run that a command told of first. */
export function runIdIn({ stderr }: Pick<Ended, 'stderr'>): string {
  return /run_\w+/.exec(stderr)?.[0] ?? 'no run'
}

/** Starts `segno`. */
export function startSegno(words: string, { cwd, env = {}, stdin = '', signals = [] }: Surroundings): Running {
  const child = spawn(process.execPath, ['--conditions=@segno/source', main, ...words.split(' ').filter(Boolean)], {
    cwd,
    env: { PATH: process.env['PATH'], TMPDIR: cwd, LANG: 'C.UTF-8', NODE_COMPILE_CACHE: compileCache, ...env },
  })
  const waiting = [...signals]
  const awaited = new Set<() => void>()
  let [stdout, stderr] = ['', '']
  const heard = (): void => {
    for (const look of awaited) look()
    const [next] = waiting
    if (next === undefined || !stderr.includes(next[0])) return
    waiting.shift()
    child.kill(next[1])
  }
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk)
    heard()
  })
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk)
    heard()
  })
  child.stdin.end(stdin)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
  const printed = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!(stdout + stderr).includes(text)) return
        awaited.delete(look)
        resolve()
      }
      awaited.add(look)
      look()
      void ended.then(() => reject(new Error(`"${text}" was not printed:\n${stdout}\n${stderr}`)))
    })
  return { child, ended, printed }
}
