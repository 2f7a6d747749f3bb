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

describe('nodeFiles finds the files that fit a pattern:', () => {
  const below = join(around, 'below')
  for (const folder of ['in/deep/er', 'in/.cache', '.hidden', 'locked']) {
    mkdirSync(join(below, folder), { recursive: true })
  }
  for (const file of [
    'a.json',
    'b.json',
    'B.json',
    'ab.txt',
    'deep/c.json',
    'deep/er/d.json',
    '.cache/e.json',
    '.f.json',
  ])
    writeFileSync(join(below, 'in', file), '')
  writeFileSync(join(below, '.hidden', 'g.json'), '')
  symlinkSync('in/deep', join(below, 'link'))
  symlinkSync('../a.json', join(below, 'in', 'deep', 'to-a.json'))
  symlinkSync(join(around, 'secret'), join(below, 'in', 'out.json'))
  symlinkSync(join(around, 'root2'), join(below, 'in', 'away'))
  symlinkSync('nowhere', join(below, 'in', 'dangling.json'))

  test.for([
    ['of one folder, in the order of their code units', 'in/*.json', ['in/B.json', 'in/a.json', 'in/b.json']],
    ['one character', 'in/?.json', ['in/B.json', 'in/a.json', 'in/b.json']],
    ['at any depth', 'in/deep/**', ['in/deep/c.json', 'in/deep/er/d.json', 'in/deep/to-a.json']],
    ['below folders that fit', '**/e*/*', ['in/deep/er/d.json']],
    ['each once', 'in/**/**/d.json', ['in/deep/er/d.json']],
    ['with a dot where the pattern has it', './.hidden/*', ['.hidden/g.json']],
    ['by name', 'in/ab.txt', ['in/ab.txt']],
    ['no folders', 'in/deep', []],
    ['through no link to a folder', 'link/*', []],
    ['through no link that leads out', 'in/away/*', []],
    ['no link to a file outside', 'in/out*', []],
    ['no link to nothing', 'in/dangling*', []],
    ['of a folder that is not there', 'nowhere/*', []],
  ] as const)('%s', async ([, pattern, found]) => {
    expect(await nodeFiles({ root: below }).glob(pattern)).toEqual(found)
  })

  test.for(['../*', 'in/../../secret', '/etc/*', 'C:/x', '\\\\host\\*', 'a\0b'])(
    'none, and refuses %j',
    async (pattern) => {
      await expect(nodeFiles({ root: below }).glob(pattern)).rejects.toMatchObject({
        code: 'PATH_UNSAFE',
        retryable: false,
      })
    },
  )

  test('and sees one that appears later', async () => {
    const files = nodeFiles({ root: below })
    expect(await files.glob('late/*')).toEqual([])
    mkdirSync(join(below, 'late'))
    writeFileSync(join(below, 'late', 'x'), '')
    expect(await files.glob('late/*')).toEqual(['late/x'])
  })
})

test('a step watches these files, and refuses a pattern that leads out', async () => {
  await using engine = createEngine({ files: nodeFiles({ root }) })
  const watch = async (glob: string): Promise<unknown> => {
    const output = { files: { type: 'array', value: '${{ steps.seen.output.files }}' } }
    const run = await engine.start(
      {
        ...{ segno: 1, name: 'watches', output, input: { glob: { type: 'string' } } },
        steps: [{ id: 'seen', watch: { glob: '${{ input.glob }}' } }],
      },
      { glob },
    )
    return run.result()
  }
  expect(await watch('docs/*.md')).toEqual({ status: 'completed', output: { files: ['docs/brief.md'] } })
  expect(await watch('../*')).toMatchObject({ status: 'failed', failure: { code: 'PATH_UNSAFE' } })
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
