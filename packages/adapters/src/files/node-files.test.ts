import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createEngine } from '@segno/core'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeFiles } from './index.ts'

const around = mkdtempSync(join(tmpdir(), 'segno-files-'))
const root = join(around, 'root')
const server = createServer()
afterAll(() => {
  server.close()
  rmSync(around, { recursive: true })
})

mkdirSync(join(root, 'docs'), { recursive: true })
mkdirSync(join(around, 'root2'))
writeFileSync(join(root, 'docs', 'brief.md'), '')
writeFileSync(join(around, 'secret'), '')
writeFileSync(join(around, 'root2', 'secret'), '')
await once(server.listen(join(root, 'socket')), 'listening')
symlinkSync('docs/brief.md', join(root, 'inside'))
symlinkSync(join(around, 'secret'), join(root, 'outside'))
symlinkSync('../root2', join(root, 'beside'))
symlinkSync('nowhere', join(root, 'dangling'))
symlinkSync('loop', join(root, 'loop'))
symlinkSync(root, join(around, 'alias'))

describe('nodeFiles tells of what is in its folder', () => {
  test.for([
    ['a file', 'docs/brief.md', 'file'],
    ['a folder', 'docs', 'directory'],
    ['the folder itself', '.', 'directory'],
    ['a socket', 'socket', 'other'],
    ['a link inside', 'inside', 'file'],
  ] as const)('%s', async ([, path, kind]) => {
    expect(await nodeFiles({ root }).kind(path)).toBe(kind)
  })

  test('also where the folder is a link itself', async () => {
    expect(await nodeFiles({ root: join(around, 'alias') }).kind('docs/brief.md')).toBe('file')
  })

  test('also where the folder is that of the whole system', async () => {
    expect(await nodeFiles({ root: '/' }).kind(join(root, 'docs').slice(1))).toBe('directory')
  })
})

describe('nodeFiles tells of nothing else', () => {
  test.for([
    ['what is not there', 'docs/other.md'],
    ['what would be in a file', 'docs/brief.md/part'],
    ['a link to a file outside', 'outside'],
    ['a link to a folder beside it whose name begins the same', 'beside/secret'],
    ['a link to nothing', 'dangling'],
    ['a link to itself', 'loop'],
    ['a path upwards', '../secret'],
    ['a path from the top', join(around, 'secret')],
    ['a name that no file can have', 'x'.repeat(5000)],
  ] as const)('%s', async ([, path]) => {
    expect(await nodeFiles({ root }).kind(path)).toBe('missing')
  })

  test('and of nothing where its folder is not there', async () => {
    expect(await nodeFiles({ root: join(around, 'nowhere') }).kind('.')).toBe('missing')
  })
})

test('an engine with these files starts no run on a link that leads out', async () => {
  await using engine = createEngine({ files: nodeFiles({ root }) })
  const start = (file: string): Promise<unknown> =>
    engine.start(
      {
        segno: 1,
        name: 'reads',
        input: { file: { type: 'path', mustExist: true } },
        steps: [{ id: 'done', set: {} }],
      },
      { file },
    )
  await expect(start('outside')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  await expect(start('inside')).resolves.toHaveProperty('id')
})
