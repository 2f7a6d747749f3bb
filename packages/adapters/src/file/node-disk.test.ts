import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodeDisk } from './node-disk.ts'

const isLinux = process.platform === 'linux'
const disk = nodeDisk()

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'segno-disk-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

test('what is committed stands behind what was there, however the file was opened', async () => {
  const path = join(root, 'committed')
  const made = await disk.create(path, { commits: true })
  await made?.commit(Buffer.from('one '))
  const found = await disk.open(path)
  await found?.commit(Buffer.from('two '))
  await made?.commit(Buffer.from('three'))
  await Promise.all([made?.close(), found?.close()])
  expect(await readFile(path, 'utf8')).toBe('one two three')
})

test('a name is there as soon as it was given, and no more once it was taken', async () => {
  const path = join(root, 'named')
  expect(await disk.has(path)).toBe(false)
  const file = await disk.create(path)
  await file?.close()
  expect(await disk.has(path)).toBe(true)
  await disk.rename(path, `${path}-away`)
  expect(await disk.has(path)).toBe(false)
})

// Without the flag, a commit of one call is durable some seconds later.
test.runIf(isLinux)('a file that is made for commits is synced by each write, and no other is', async () => {
  const [journal, note] = [join(root, 'journal'), join(root, 'note')]
  const [committed, written] = [await disk.create(journal, { commits: true }), await disk.create(note)]
  expect([await flagsOf(journal), await flagsOf(note)].map((flags) => (flags & syncsEachWrite) !== 0)).toEqual([
    true,
    false,
  ])
  await committed?.close()
  await written?.close()
})

test.runIf(isLinux)('a commit rejects where the disk is full', async () => {
  const full = await disk.open('/dev/full')
  await expect(full?.commit(Buffer.from('x'))).rejects.toMatchObject({ code: 'ENOSPC' })
  await full?.close()
})

const syncsEachWrite = 0o10000

/** The flags with which this process has a file open. */
async function flagsOf(path: string): Promise<number> {
  for (const descriptor of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '')
    if (target !== path) continue
    const [, flags = '0'] = /^flags:\s+(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? []
    return Number.parseInt(flags, 8)
  }
  throw new Error(`${path} is not open`)
}
