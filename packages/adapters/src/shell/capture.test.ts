import { linkSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OutputCapture } from '@segno/core'
import { describe, expect, test } from 'vitest'
import { bench, sh } from './shell.fixture.ts'

const capture = (from: OutputCapture['from'], more: Partial<OutputCapture> = {}): OutputCapture => ({
  from,
  maxBytes: 65536,
  ...more,
})

describe('what a process prints', () => {
  test.for([
    ['stdout', 'a\\n', 'a'],
    ['stdout', 'a\\n\\n', 'a\n'],
    ['stdout', 'a\\r\\n', 'a'],
    ['stdout', '', ''],
    ['lines', 'a\\nb\\n', ['a', 'b']],
    ['lines', 'a\\r\\n\\nb', ['a', '', 'b']],
    ['lines', '', []],
    ['json', ' {"a": [1, null]}\\n', { a: [1, null] }],
    ['json', '9007199254740991', 9007199254740991],
  ] as const)('is captured as %s: %j', async ([from, text, output]) => {
    const { run } = bench()
    expect(await run({ ...sh(`printf '${text}'`), output: capture(from) })).toMatchObject({ exitCode: 0, output })
  })

  test.for([
    ['stdout', String.raw`a\303(`, 'what the process printed is not UTF-8'],
    ['json', '{"a": 1', 'what the process printed is not JSON: it cannot be parsed'],
    ['json', '', 'what the process printed is not JSON: it cannot be parsed'],
    ['json', '[9007199254740993]', 'a number is beyond what can be kept exactly'],
    ['json', '1e400', 'a number is beyond what can be kept exactly'],
  ] as const)('fails as %s where it is %s, and keeps the exit code', async ([from, text, why]) => {
    const { failure } = bench()
    const failed = await failure({ ...sh(`printf '${text}'`), output: capture(from) })
    expect(failed).toMatchObject({ code: 'OUTPUT_INVALID', retryable: false, details: { exitCode: 0, stderrTail: '' } })
    expect(failed.message).toContain(why)
  })

  test('is one text also where a character comes in two parts', async () => {
    const { run } = bench()
    const script = String.raw`printf '\303'; sleep 0.05; printf '\251'`
    expect(await run({ ...sh(script), output: capture('stdout') })).toMatchObject({ output: 'é' })
  })

  test('fails with OUTPUT_TOO_LARGE from one byte too many', async () => {
    const { run, failure } = bench()
    const output = capture('stdout', { maxBytes: 5 })
    expect(await run({ ...sh('printf 12345'), output })).toMatchObject({ output: '12345' })
    expect(await failure({ ...sh('printf 123456'), output })).toMatchObject({
      code: 'OUTPUT_TOO_LARGE',
      retryable: false,
    })
  })
})

describe('a file that a process leaves', () => {
  test('is captured as text, or as JSON where its schema is not one of text', async () => {
    const { run } = bench()
    const command = sh(`mkdir out; echo '{"a":1}' > out/a.json`)
    const output = capture('file', { path: 'out/a.json' })
    expect(await run({ ...command, output })).toMatchObject({ output: '{"a":1}\n' })
    expect(await run({ output: { ...output, schema: { type: 'string' } } })).toMatchObject({ output: '{"a":1}\n' })
    expect(await run({ output: { ...output, schema: { type: 'object' } } })).toMatchObject({ output: { a: 1 } })
  })

  test('is looked for in the folder of the process', async () => {
    const { run, workspace } = bench()
    mkdirSync(join(workspace, 'sub'))
    const output = capture('file', { path: 'a' })
    expect(await run({ ...sh('printf x > a'), cwd: 'sub', output })).toMatchObject({ output: 'x' })
  })

  test('has to be there, and not to be too large', async () => {
    const { failure } = bench()
    const output = capture('file', { path: 'a', maxBytes: 5 })
    expect(await failure({ output })).toMatchObject({ code: 'OUTPUT_INVALID', message: 'the process left no file "a"' })
    expect(await failure({ ...sh('printf 123456 > a'), output })).toMatchObject({ code: 'OUTPUT_TOO_LARGE' })
  })

  test('is a plain file of the workspace', async () => {
    const { workspace: outer } = bench()
    const [workspace, secret] = [join(outer, 'out'), join(outer, 'out2')]
    for (const folder of [workspace, secret, join(workspace, 'folder')]) mkdirSync(folder)
    for (const file of ['file', 'twice']) writeFileSync(join(secret, file), 'secret')
    symlinkSync(secret, join(workspace, 'link'))
    symlinkSync(join(secret, 'file'), join(workspace, 'final'))
    linkSync(join(secret, 'twice'), join(workspace, 'hard'))
    const inside = bench({ workspace })
    await inside.run(sh('mkfifo fifo'))
    const paths = ['link/file', 'final', 'hard', 'fifo', 'folder', '../out2/file', join(secret, 'file'), 'a\0b', '']
    for (const path of paths) {
      const failed = await inside.failure({ output: capture('file', { path }) })
      expect(failed, path).toMatchObject({ code: 'PATH_UNSAFE', details: { exitCode: 0 } })
      expect(JSON.stringify(failed), path).not.toContain('"secret"')
    }
  })
})

describe('the files that a process leaves', () => {
  test('are those that fit the pattern, sorted', async () => {
    const { run } = bench()
    const script = `mkdir -p out/deep/er .hidden; touch out/b.txt out/a.txt out/ab.md out/deep/c.txt out/deep/er/d.txt .hidden/e.txt out/.f.txt`
    const found = async (path: string): Promise<unknown> =>
      (await run({ ...sh(script), output: capture('files', { path }) })).output
    expect(await found('out/*.txt')).toEqual(['out/a.txt', 'out/b.txt'])
    expect(await found('**/*.txt')).toEqual(['out/a.txt', 'out/b.txt', 'out/deep/c.txt', 'out/deep/er/d.txt'])
    expect(await found('out/**')).toEqual([
      'out/a.txt',
      'out/ab.md',
      'out/b.txt',
      'out/deep/c.txt',
      'out/deep/er/d.txt',
    ])
    expect(await found('out/?.*')).toEqual(['out/a.txt', 'out/b.txt'])
    expect(await found('./.hidden/*')).toEqual(['.hidden/e.txt'])
    expect(await found('out/.*')).toEqual(['out/.f.txt'])
    expect(await found('**/**/e*/**/*')).toEqual(['out/deep/er/d.txt'])
    expect(await found('missing/*')).toEqual([])
  })

  test('are plain files, and links to folders are not followed', async () => {
    const { run, failure } = bench()
    const script = 'mkdir real; touch real/a; ln -s real link'
    expect(await run({ ...sh(script), output: capture('files', { path: 'real/**' }) })).toMatchObject({
      output: ['real/a'],
    })
    expect(await failure({ output: capture('files', { path: '*' }) })).toMatchObject({ code: 'PATH_UNSAFE' })
    expect(await failure({ output: capture('files', { path: '../*' }) })).toMatchObject({ code: 'PATH_UNSAFE' })
  })

  test('are no more than the output may hold', async () => {
    const { failure } = bench()
    const output = capture('files', { path: '*', maxBytes: 10 })
    expect(await failure({ ...sh('touch aaaa bbbb'), output })).toMatchObject({ code: 'OUTPUT_TOO_LARGE' })
  })

  test('are found in no time whatever the pattern', async () => {
    const { run } = bench()
    const script = `touch ${'a'.repeat(200)}`
    const path = `${'*a'.repeat(60)}b`
    expect(await run({ ...sh(script), output: capture('files', { path }) })).toMatchObject({ output: [] })
  })
})
