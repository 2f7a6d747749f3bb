import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../..', import.meta.url))

// What a page and a worker both have. Nothing of Node is among them: `process`, `Buffer` and `require` do not exist.
const web = {
  ...{ AbortController, AbortSignal, DOMException, Event, EventTarget, TextDecoder, TextEncoder, URL, URLSearchParams },
  ...{
    clearInterval,
    clearTimeout,
    console,
    crypto,
    MessageChannel,
    performance,
    queueMicrotask,
    setInterval,
    setTimeout,
    structuredClone,
  },
}

test('core and schema load where there is no Node and no code may be made from text', async () => {
  const bundle = await bundled(`export * as core from '@segno/core'; export * as schema from '@segno/schema'`)
  const context = createContext({ ...web }, { codeGeneration: { strings: false, wasm: false } })

  const doors = runInContext(`${bundle}; segno`, context) as Record<string, Record<string, unknown>>

  expect(doors['core']?.['memoryStorage']).toBeTypeOf('function')
  expect(doors['schema']?.['kindOf']).toBeTypeOf('function')
})

test('an engine runs a workflow to its end where there is no Node and no code may be made from text', async () => {
  const bundle = await bundled(`export { createEngine } from '@segno/core'`)
  const context = createContext({ ...web }, { codeGeneration: { strings: false, wasm: false } })
  runInContext(bundle, context)

  const outcome: unknown = await runInContext(page, context)

  expect(outcome).toBe(
    JSON.stringify({
      globals: ['undefined', 'undefined', 'undefined', 'undefined', 'undefined'],
      result: { status: 'completed', output: { text: 'Hello Ada' } },
      refused: 'DEFINITION_INVALID',
      types: [
        ...['run.created', 'attempt.started', 'attempt.failed', 'attempt.started', 'step.completed'],
        ...['timer.set', 'timer.fired', 'step.completed', 'step.started', 'signal.received', 'signal.consumed'],
        ...['step.completed', 'run.completed'],
      ],
    }),
  )
})

test('a page has its turns beside a run that never waits', async () => {
  const bundle = await bundled(`export { createEngine } from '@segno/core'`)
  const context = createContext({ ...web }, { codeGeneration: { strings: false, wasm: false } })
  runInContext(bundle, context)

  const { status, turns } = (await runInContext(longRun, context)) as { status: string; turns: number }

  expect(status).toBe('completed')
  expect(turns).toBeGreaterThan(4)
})

const longRun = `(async () => {
  const definition = {
    segno: 1,
    name: 'long',
    limits: { steps: 100000 },
    steps: [
      {
        id: 'loop',
        repeat: { max: 20000, while: true },
        do: [{ id: 'step', set: { value: 1 } }],
        onExhausted: { output: null },
      },
    ],
  }
  const { port1, port2 } = new MessageChannel()
  let turns = 0
  port2.onmessage = () => port1.postMessage(++turns)
  const engine = segno.createEngine()
  const run = await engine.start(definition)
  port1.postMessage(turns)
  const { status } = await run.result()
  port1.close()
  await engine.close()
  return { status, turns }
})()`

// What a page does: a step that is retried, a sleep, a signal, a definition that is refused.
const page = `(async () => {
  const globals = [typeof process, typeof Buffer, typeof require, typeof setImmediate, typeof global]
  const greet = ({ attempt, signal }, { name }) => {
    if (attempt === 1) throw new Error('again')
    return signal.aborted ? '' : 'Hello ' + name
  }
  const engine = segno.createEngine({ handlers: { greet } })
  const retry = { max: 1, delay: '1ms' }
  const definition = {
    segno: 1,
    name: 'greeting',
    input: { name: { type: 'string' } },
    output: { text: { type: 'string', value: '\${{ steps.greet.output }}' } },
    steps: [
      { id: 'greet', uses: 'greet', with: { name: '\${{ input.name }}' }, retry },
      { id: 'nap', sleep: '1ms' },
      { id: 'wait', waitFor: { signal: 'go' } },
    ],
  }
  const run = await engine.start(definition, { name: 'Ada' })
  const types = []
  const reading = (async () => {
    for await (const { type } of run.events()) {
      types.push(type)
      if (type === 'timer.fired') await run.signal('go')
    }
  })()
  const result = await run.result()
  await reading
  const refused = await engine.start({ segno: 1 }).catch(({ code }) => code)
  await engine.close()
  return JSON.stringify({ globals, result, refused, types })
})()`

test('what an engine loads before it checks a definition is neither zod nor the YAML parser', async () => {
  const { outputs } = (
    await build({ ...options(`export * from '@segno/core'; export * from '@segno/schema/plan'`), splitting: true })
  ).metafile
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === '<stdin>')
  const atOnce = new Set([entry])
  for (const name of atOnce) {
    const { imports = [] } = outputs[name ?? ''] ?? {}
    for (const { kind, path } of imports) if (kind === 'import-statement') atOnce.add(path)
  }
  const files = [...atOnce].flatMap((name) => Object.keys(outputs[name ?? '']?.inputs ?? {}))

  expect(files).toContain('packages/core/src/runtime/engine.ts')
  expect(files.filter((file) => /node_modules\/(zod|yaml)\//.test(file))).toEqual([])
})

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({ ...options(entry), format: 'iife', globalName: 'segno' })
  return outputFiles.map((file) => file.text).join('\n')
}

function options(entry: string): BuildOptions & { readonly write: false; readonly metafile: true } {
  return {
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    outdir: 'bundle',
    platform: 'browser',
    conditions: ['@segno/source'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    logLevel: 'silent',
  }
}
