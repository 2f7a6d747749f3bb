import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { fileStorage } from '../../src/file/index.ts'
import { expectationOf, judged, type Remains } from './crash-check.ts'
import { keepFigures } from './figures.ts'
import { workloads, type Workload } from './workloads.ts'

const child = fileURLToPath(new URL('killed-child.fixture.ts', import.meta.url))
const canonical = [
  'append and append',
  'deliver and consume',
  'takeover by a second process',
  'an idempotency key freed',
  'end and delete',
]
/**
 * Calls that change files or make them durable, and how many kills of each kind are
 * enough for a test that everybody waits for. Node writes to wake its threads too,
 * so that most of its writes are none to a file.
 */
const kinds = {
  names: {
    calls: 'fdatasync,fsync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir',
    enough: 14,
  },
  writes: { calls: 'write,pwrite64', enough: 6 },
} as const
type Kind = (typeof kinds)[keyof typeof kinds]
const isDeep = process.env['SEGNO_DEEP'] !== undefined
const atOnce = 2

test(
  'a process that is killed at any of its calls to the system loses nothing that it acknowledged',
  { timeout: 600_000 },
  async () => {
    const missing = whyNot()
    if (missing !== undefined) {
      process.stdout.write(`not run: kill at every system call: ${missing}\n`)
      return
    }
    await inFolder(async (cache) => {
      const figures: Record<string, Record<string, Kills>> = {}
      for (const workload of workloads.filter(({ name }) => canonical.includes(name))) {
        // The first time fills the cache of the compiler, which is no part of what is counted.
        await inFolder((dir) => traced(['-o', '/dev/null', '-e', 'trace=none'], { dir, workload, cache }))
        const { names, writes } = kinds
        figures[workload.name] = {
          names: await killEverywhere(workload, cache, names),
          writes: await killEverywhere(workload, cache, writes),
        }
      }
      const all = Object.values(figures).flatMap((each) => Object.values(each))
      const kills = all.reduce((sum, one) => sum + one.kills, 0)
      await keepFigures('file-killed', { kills, workloads: figures })
      expect(kills).toBeGreaterThan(0)
    })
  },
)

interface Kills {
  readonly calls: number
  readonly stride: number
  /** How many processes died; at its last calls a process may have ended before. */
  readonly kills: number
}

async function killEverywhere(workload: Workload, cache: string, kind: Kind): Promise<Kills> {
  const calls = await callsOf(workload, cache, kind)
  const stride = isDeep ? 1 : Math.max(1, Math.ceil(calls.length / kind.enough))
  const moments = calls.filter((_, n) => n % stride === 0)
  const wrong: string[] = []
  let kills = 0
  const next = async (): Promise<void> => {
    for (let call = moments.shift(); call !== undefined; call = moments.shift()) {
      const { mistake, isKilled } = await killedAt(workload, cache, call)
      if (mistake !== undefined) wrong.push(`${workload.name}, killed at ${call.name} ${call.when}: ${mistake}`)
      if (isKilled) kills += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  expect(wrong).toEqual([])
  expect(kills).toBeGreaterThan(0)
  return { calls: calls.length, stride, kills }
}

function whyNot(): string | undefined {
  const { error, status, stderr } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'])
  if (error !== undefined) return 'there is no strace'
  return status === 0 ? undefined : `strace may not trace: ${String(stderr).trim()}`
}

/** A call to the system, by how often its thread has made one of its name. */
interface SystemCall {
  readonly name: string
  readonly when: number
}

async function callsOf(workload: Workload, cache: string, kind: Kind): Promise<SystemCall[]> {
  return inFolder(async (dir) => {
    const log = `${dir}/strace`
    const { told, signal } = await traced(['-o', log, '-e', `trace=${kind.calls}`], { dir, workload, cache })
    expect([told.length, signal]).toEqual([workload.moves.length, null])
    const byThread = new Map<string, SystemCall[]>()
    for (const [, thread = '', name = ''] of (await readFile(log, 'utf8')).matchAll(/^(\d+) +(\w+)\(/gm)) {
      const calls = byThread.get(thread) ?? []
      calls.push({ name, when: calls.filter((call) => call.name === name).length + 1 })
      byThread.set(thread, calls)
    }
    // All that goes to files comes from one thread, which has the most to do.
    return [...byThread.values()].toSorted((a, b) => b.length - a.length)[0] ?? []
  })
}

interface Killed {
  readonly mistake: string | undefined
  readonly isKilled: boolean
}

async function killedAt(workload: Workload, cache: string, { name, when }: SystemCall): Promise<Killed> {
  return inFolder(async (dir) => {
    const inject = `inject=${name}:signal=KILL:when=${when}`
    const { told, signal } = await traced(['-o', '/dev/null', '-e', inject], { dir, workload, cache })
    const open: Remains['open'] = (now) => fileStorage({ dir: `${dir}/.segno`, now })
    const moment = { workload, expectation: await expectationOf(workload), acknowledged: told.length }
    return { mistake: await judged({ open, openDurable: open }, moment), isKilled: signal === 'SIGKILL' }
  })
}

interface Child {
  readonly dir: string
  readonly workload: Workload
  readonly cache: string
}

/** Runs the child under strace and gives what it has told. One thread makes all its calls to files, in their order. */
async function traced(
  options: readonly string[],
  { dir, workload, cache }: Child,
): Promise<{ readonly told: readonly string[]; readonly signal: NodeJS.Signals | null }> {
  const node = [process.execPath, '--conditions=@segno/source', child, `${dir}/.segno`, workload.name]
  const strace = spawn('strace', ['-f', '--seccomp-bpf', ...options, ...node], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  strace.stdout.setEncoding('utf8').on('data', (more: string) => {
    text += more
  })
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => strace.on('close', (_, how) => resolve(how)))
  return { told: text.split('\n').filter((line) => line !== ''), signal }
}

async function inFolder<Value>(work: (dir: string) => Promise<Value>): Promise<Value> {
  const dir = await mkdtemp(`${tmpdir()}/segno-killed-`)
  try {
    return await work(dir)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
