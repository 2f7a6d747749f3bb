import { fileURLToPath } from 'node:url'
import { createContext, runInContext } from 'node:vm'
import { build } from 'esbuild'
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

  const doors = runInContext(`${bundle.code}; segno`, context) as Record<string, Record<string, unknown>>

  expect(doors['core']?.['memoryStorage']).toBeTypeOf('function')
  expect(doors['schema']?.['kindOf']).toBeTypeOf('function')
})

test('an engine that runs checked plans loads neither zod nor the YAML parser', async () => {
  const { files } = await bundled(`export * from '@segno/core'; export * from '@segno/schema/plan'`)

  expect(files.some((file) => file.startsWith('packages/core/src/'))).toBe(true)
  expect(files.filter((file) => /node_modules\/(zod|yaml)\//.test(file))).toEqual([])
})

async function bundled(entry: string): Promise<{ code: string; files: string[] }> {
  const result = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    platform: 'browser',
    conditions: ['@segno/source'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'iife',
    globalName: 'segno',
    logLevel: 'silent',
  })
  return { code: result.outputFiles.map((file) => file.text).join('\n'), files: Object.keys(result.metafile.inputs) }
}
