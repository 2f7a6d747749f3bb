import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { WorkerOptions } from './worker-options.ts'

/** A worker, as its parent sees it. */
export interface Worker {
  readonly name: string
  readonly pid: number
  /** When the first event was acknowledged. */
  readonly acknowledged: Promise<void>
  /** When there was nothing left to do, and it has stopped. */
  readonly idle: Promise<void>
  readonly hasAcknowledged: () => boolean
  /** The most memory that it has had so far, in MiB. */
  readonly peakMiB: () => number
  /** How it stands, and the end of what it has logged. */
  readonly complaints: () => string
  /** Kills it at once, and waits until it is gone. Rejects if it had ended by itself. */
  kill(): Promise<void>
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

/** Makes one file of a worker and all that it imports: it is started hundreds of times. */
export async function bundleWorker(folder: string): Promise<string> {
  const outfile = join(folder, 'worker.mjs')
  await bundleFile(fileURLToPath(new URL('worker.fixture.ts', import.meta.url)), outfile)
  await bundleThreads(folder)
  return outfile
}

// A storage asks for the entry of its thread by the name of its door.
async function bundleThreads(folder: string): Promise<void> {
  const sources = new URL('../../package.json', import.meta.url)
  const { exports: doors } = JSON.parse(readFileSync(sources, 'utf8')) as Manifest
  const threads = Object.entries(doors).filter(([door]) => door.endsWith('thread'))
  const home = join(folder, 'node_modules/@segno/adapters')
  const found = Object.fromEntries(threads.map(([door]) => [door, `${door}.mjs`]))
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'package.json'), JSON.stringify({ name: '@segno/adapters', exports: found }))
  for (const [door, { '@segno/source': source }] of threads) {
    await bundleFile(fileURLToPath(new URL(source, sources)), join(home, `${door}.mjs`))
  }
}

interface Manifest {
  readonly exports: Readonly<Record<string, { readonly '@segno/source': string }>>
}

async function bundleFile(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    conditions: ['@segno/source'],
    logLevel: 'error',
    // What `pg` can do without.
    external: ['pg-native', 'pg-cloudflare'],
    // For packages that are no modules.
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
    outfile,
  })
}

/** Starts a worker. */
export function startWorker(bundle: string, options: WorkerOptions): Worker {
  const { name, ledger } = options
  const child = spawn(process.execPath, [bundle, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TORTURE_LEDGER: ledger, TORTURE_WORKER: name },
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`worker ${name} could not be started`)
  const told = { acknowledged: false, idle: false }
  const acknowledged = Promise.withResolvers<void>()
  const idle = Promise.withResolvers<void>()
  let complaints = ''
  let isKilled = false
  let ended: Error | undefined
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text))
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('acknowledged')) told.acknowledged = true
    if (text.includes('idle')) told.idle = true
    if (told.acknowledged) acknowledged.resolve()
  })
  const closed = new Promise<void>((resolve) => {
    child.once('close', (code, signal) => {
      const how = `worker ${name} ended by itself: ${code ?? signal}\n${complaints.slice(-2000)}`
      if (told.idle && code === 0) idle.resolve()
      else if (!isKilled) ended = new Error(how)
      for (const one of [acknowledged, idle]) one.reject(ended)
      resolve()
    })
  })
  for (const { promise } of [acknowledged, idle]) promise.catch(() => undefined)
  return {
    name,
    pid,
    acknowledged: acknowledged.promise,
    idle: idle.promise,
    hasAcknowledged: () => told.acknowledged,
    peakMiB: () => peakOf(pid),
    complaints: () => `${stateOf(pid)}\n${complaints.slice(-2000)}`,
    async kill() {
      isKilled = true
      child.kill('SIGKILL')
      await closed
      if (ended !== undefined) throw ended
    },
    signal: (signal) => void child.kill(signal),
  }
}

function peakOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Math.round(Number(kib ?? 0) / 1024)
}

/** What the kernel says of a process: whether it runs, waits for a disk, or is stopped. */
function stateOf(pid: number): string {
  try {
    return /^State:.*$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[0] ?? 'in no known state'
  } catch (error) {
    return String(error)
  }
}
