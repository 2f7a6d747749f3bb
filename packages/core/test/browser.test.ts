import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { browserBuild, bundled } from './browser/bundled.ts'
import { longRun, page, pageOutcome } from './browser/page.ts'

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

  expect(outcome).toBe(JSON.stringify(pageOutcome))
})

test('a page has its turns beside a run that never waits', async () => {
  const bundle = await bundled(`export { createEngine } from '@segno/core'`)
  const context = createContext({ ...web }, { codeGeneration: { strings: false, wasm: false } })
  runInContext(bundle, context)

  const { status, turns } = (await runInContext(longRun, context)) as { status: string; turns: number }

  expect(status).toBe('completed')
  expect(turns).toBeGreaterThan(4)
})

test('what an engine loads before it checks a definition is neither zod nor the YAML parser', async () => {
  const files = await loadedAtOnce(`export * from '@segno/core'; export * from '@segno/schema/plan'`)

  expect(files).toContain('packages/core/src/runtime/engine.ts')
  expect(files.filter((file) => /node_modules\/(zod|yaml)\//.test(file))).toEqual([])
})

test('what forks, migrates, deletes and views runs is loaded when it is first asked for', async () => {
  const files = await loadedAtOnce(`export { createEngine } from '@segno/core'`)

  expect(files).toContain('packages/core/src/runtime/stored-run.ts')
  expect(files.filter((file) => /\/(forked-run|migrate-runs|retention|view-of-run)\.ts$/.test(file))).toEqual([])
})

test('the queue for attempts is loaded by an engine that bounds how many are at work', async () => {
  const files = await loadedAtOnce(`export { createEngine } from '@segno/core'`)

  expect(files).toContain('packages/core/src/runtime/attempt-gate.ts')
  expect(files.filter((file) => file.includes('node_modules/p-queue/'))).toEqual([])
})

/** The files that a page loads before anything of it runs. */
async function loadedAtOnce(page: string): Promise<readonly string[]> {
  const { outputs } = (await build({ ...browserBuild(page), splitting: true })).metafile
  const entry = Object.keys(outputs).find((name) => outputs[name]?.entryPoint === '<stdin>')
  const atOnce = new Set([entry])
  for (const name of atOnce) {
    const { imports = [] } = outputs[name ?? ''] ?? {}
    for (const { kind, path } of imports) if (kind === 'import-statement') atOnce.add(path)
  }
  return [...atOnce].flatMap((name) => Object.keys(outputs[name ?? '']?.inputs ?? {}))
}
