import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { commitGroup } from '../../src/sqlite/group.ts'
import { databases } from './fixtures.ts'
import { appendAfter, batch, creation, eventsOf } from './runs.ts'

const { path, open } = databases()
const root = mkdtempSync(join(tmpdir(), 'segno-full-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const unwritten = expect.stringMatching(/^STORAGE_UNAVAILABLE, not written/)
const runIds = ['run', 'a', 'b']
const text = 'x'.repeat(30_000)

/** What is put before a program so that its disk is small. */
type Limit = readonly string[]

// In blocks of 512 bytes; what goes beyond is refused with EFBIG, for Node ignores the signal.
const smallFiles: Limit = ['sh', '-c', 'ulimit -f 3000 && exec "$@"', 'sh']

describe('a SQLite storage whose files may not grow any more', { timeout: 60_000 }, () => {
  test('refuses what there is no room for, and goes on once there is', async () => {
    const folder = mkdtempSync(join(root, 'limited-'))
    const met = await played(smallFiles, [folder])
    expect(met).toMatchObject({ first: unwritten, read: met.heads[0] })
    await expectAllOf(join(folder, 'runs.db'), met.heads)
  })

  test('has written nothing of the commit that failed, even if its process dies with it', async () => {
    const file = join(mkdtempSync(join(root, 'dies-')), 'runs.db')
    const answers = await answersOf(smallFiles, [file, String(text.length), '100'])
    for (const told of answers) expect(told.at(-1)).toEqual(unwritten)
    await expectAllOf(
      file,
      answers.map((told) => told.length - 1),
    )
  })
})

test('a SQLite storage on a disk that is full refuses all that is written, reads, and goes on when there is room', async () => {
  const mounting = ['-m', '-rm'].find((option) => spawnSync('unshare', [option, ...small(root), 'true']).status === 0)
  if (mounting === undefined) {
    process.stdout.write('not run: a full disk of its own: no file system may be mounted here\n')
    return
  }
  const [folder, copy] = [join(root, 'disk'), join(root, 'copy')]
  mkdirSync(folder)
  mkdirSync(copy)
  const met = await played(['unshare', mounting, ...small(folder)], [folder, copy])
  expect(met).toMatchObject({
    ...{ first: unwritten, together: [unwritten, unwritten, unwritten], transaction: unwritten },
    ...{ heads: [met.head, 1, 1], read: met.head, afterwards: ['ok', 'ok', 'ok'] },
  })
  await expectAllOf(join(copy, 'runs.db'), [met.head + 1, 2, 2])
}, 60_000)

test('a change that does not fit into a SQLite database leaves nothing behind, and smaller ones go on', async () => {
  const file = path()
  const database = openDatabase(file)
  const store = { database, identity: () => '{}', isDead: () => false }
  commitGroup(store, runIds.map(creation), Date.now)
  const { page_count: pages = 0 } = database.one<{ page_count: number }>('PRAGMA page_count') ?? {}
  database.sqlite.exec(`PRAGMA max_page_count = ${pages + 12}`)
  const large = runIds.map(appendAfter(1, text))
  const { replies } = commitGroup(store, large, Date.now)
  expect(replies.map((reply) => 'fault' in reply && reply.fault)).toEqual(
    runIds.map(() => expect.objectContaining({ code: 'STORAGE_UNAVAILABLE', ambiguous: false })),
  )
  const small = runIds.map(appendAfter(1, 'x'))
  expect(commitGroup(store, small, Date.now).replies).toMatchObject(runIds.map(() => ({ answer: { outcome: 'ok' } })))
  database.close()
  await expectAllOf(file, [2, 2, 2])
})

test('a commit whose sync fails is told as unknown, and its runs are as before it or as after it', async () => {
  const { error, status } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'])
  if (error !== undefined || status !== 0) {
    process.stdout.write('not run: a sync that fails at COMMIT: there is no strace that may trace\n')
    return
  }
  const rounds = 3
  const before = (await syncsOf(rounds)) - rounds
  const heads = await Promise.all(Array.from({ length: rounds }, (_, n) => afterFailedSync(before, n + 1, rounds)))
  // All of a group or nothing of it; and as the machine did not go down, what was not synced is in the log.
  expect(heads).toEqual([2, 3, 4])
}, 60_000)

/** How many syncs it takes to make a database, to create the runs, and to append to them so many times. */
async function syncsOf(rounds: number): Promise<number> {
  const [file, log] = [join(mkdtempSync(join(root, 'sync-')), 'runs.db'), join(root, 'syncs')]
  const trace = ['strace', '-f', '--seccomp-bpf', '-o', log, '-e', 'trace=fsync,fdatasync']
  await answersOf(trace, [file, '10', String(rounds)])
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => /\bf(?:data)?sync\(/.test(line)).length
}

/** The head of all runs after the sync of the n-th append has failed. */
async function afterFailedSync(before: number, n: number, rounds: number): Promise<unknown> {
  const file = join(mkdtempSync(join(root, 'sync-')), 'runs.db')
  const inject = `inject=fsync,fdatasync:error=EIO:when=${before + n}`
  const answers = await answersOf(
    ['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', '-e', inject],
    [file, '10', String(rounds)],
  )
  const oks = Array.from({ length: n - 1 }, () => 'ok')
  expect(answers).toEqual(runIds.map(() => ['created', ...oks, 'STORAGE_UNAVAILABLE, perhaps written']))
  const [head, ...others] = await headsIn(file)
  expect(others).toEqual([head, head])
  const storage = open(file)
  for (const runId of runIds) {
    expect((await eventsOf(storage, runId)).length).toBe(head)
    // What who does not know may do: send the same batch again.
    const again = await storage.append(batch(runId, n, 'x'.repeat(10)))
    expect(again.outcome).toBe(head === n ? 'ok' : 'duplicate')
  }
  return head
}

const program = [process.execPath, '--conditions=@segno/source']

/** What the child that fills a disk met. */
interface Met {
  /** How many events of the first run were acknowledged before one was refused. */
  readonly head: number
  readonly first: string
  readonly together: readonly string[]
  readonly transaction: string
  readonly heads: readonly number[]
  readonly read: number
  readonly afterwards: readonly string[]
}

async function played(limit: Limit, args: readonly string[]): Promise<Met> {
  const child = fileURLToPath(new URL('full-disk-child.fixture.ts', import.meta.url))
  const [command = '', ...rest] = [...limit, ...program, child, ...args]
  const { stdout } = await promisify(execFile)(command, rest)
  return JSON.parse(stdout) as Met
}

/** What each run was answered until a commit failed and the process died. */
async function answersOf(limit: Limit, args: readonly string[]): Promise<readonly (readonly string[])[]> {
  const child = fileURLToPath(new URL('failed-commit-child.fixture.ts', import.meta.url))
  const [command = '', ...rest] = [...limit, ...program, child, ...args]
  const started = spawn(command, rest, { stdio: ['ignore', 'pipe', 'ignore'] })
  let told = ''
  started.stdout.setEncoding('utf8').on('data', (more: string) => {
    told += more
  })
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => started.on('close', (_, how) => resolve(how)))
  expect(signal).toBe('SIGKILL')
  return JSON.parse(told) as string[][]
}

/** Mounts a small disk for one program, which goes with it. */
function small(folder: string): Limit {
  return ['sh', '-c', 'mount -t tmpfs -o size=2m segno "$1" && shift && exec "$@"', 'sh', folder]
}

async function headsIn(file: string): Promise<unknown[]> {
  const storage = open(file)
  return Promise.all(runIds.map(async (runId) => (await storage.row(runId))?.head))
}

/** Who opens the database next finds these heads, the events up to them, and room for more. */
async function expectAllOf(file: string, heads: readonly number[]): Promise<void> {
  const storage = open(file)
  expect(await headsIn(file)).toEqual(heads)
  for (const [n, runId] of runIds.entries()) {
    const head = heads[n] ?? 0
    expect((await eventsOf(storage, runId)).map(({ seq }) => seq)).toEqual(
      Array.from({ length: head }, (_, at) => at + 1),
    )
    expect((await storage.append({ ...batch(runId, head, text), batchId: 'next' })).outcome).toBe('ok')
  }
}
