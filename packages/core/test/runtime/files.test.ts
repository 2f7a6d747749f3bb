import type { Definition, JsonObject } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { SegnoError } from '../../src/error.ts'
import type { FileKind, Files } from '../../src/ports/files.ts'
import { createEngine } from '../../src/runtime/engine.ts'

const path = { type: 'path', mustExist: true } as const
const definition: Definition = {
  segno: 1,
  name: 'reads',
  input: { brief: path, more: { type: 'array', items: path, default: [] } },
  output: { brief: { type: 'path', value: '${{ input.brief }}' } },
  steps: [{ id: 'done', set: {} }],
}

const kinds: Readonly<Record<string, FileKind>> = { 'a.md': 'file', docs: 'directory', pipe: 'other' }
const files: Files = {
  kind(name) {
    if (name === 'locked') return Promise.reject(new Error('permission denied'))
    return Promise.resolve(kinds[name] ?? 'missing')
  },
}

async function refusal(options: { readonly files?: Files }, input: JsonObject): Promise<SegnoError> {
  await using engine = createEngine(options)
  const error: unknown = await engine.start(definition, input).catch((reason: unknown) => reason)
  if (!SegnoError.is(error)) throw new Error('the run was started')
  expect((await engine.list()).runs).toEqual([])
  return error
}

describe('an input with `mustExist`', () => {
  test('lets a run start where it names a file or a folder', async () => {
    await using engine = createEngine({ files })
    const run = await engine.start(definition, { brief: 'a.md', more: ['docs'] })
    expect(await run.output()).toEqual({ brief: 'a.md' })
  })

  test('refuses a run where it names nothing, with every place', async () => {
    const error = await refusal({ files }, { brief: 'b.md', more: ['docs', 'pipe', 'locked'] })
    expect(error).toMatchObject({
      code: 'INPUT_INVALID',
      details: [
        { name: 'brief', path: '/brief', message: 'the input "brief": there is no file or folder "b.md"' },
        { path: '/more/1', message: 'the input "more" at /1: "pipe" is neither a file nor a folder' },
        { path: '/more/2', message: 'the input "more" at /2: "locked" cannot be looked at: permission denied' },
      ],
    })
  })

  test('is not asked about outside of the rules of a path', async () => {
    const asked: string[] = []
    const listening: Files = {
      kind: (name) => {
        asked.push(name)
        return Promise.resolve('file')
      },
    }
    const error = await refusal({ files: listening }, { brief: '/etc/passwd', more: ['a/../../b'] })
    expect(error.message).toContain('expected a relative path, got "/etc/passwd"')
    expect(error.message).toContain('the input "more" at /0: expected a path without ".."')
    expect(asked).toEqual([])
  })

  test('refuses every run of an engine that cannot look, and says what to pass', async () => {
    const error = await refusal({}, { brief: 'a.md' })
    expect(error.code).toBe('FILES_REQUIRED')
    expect(error.message).toContain('files: nodeFiles({ root })')
  })
})

test('an output that is no path fails the run', async () => {
  await using engine = createEngine()
  const run = await engine.start(
    {
      segno: 1,
      name: 'writes',
      input: { to: { type: 'string' } },
      output: { file: { type: 'path', under: 'out', value: '${{ input.to }}' } },
      steps: [{ id: 'done', set: {} }],
    },
    { to: 'out2/a' },
  )
  const message = expect.stringContaining('expected a path under out, got "out2/a"') as string
  expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'OUTPUT_INVALID', message } })
})
