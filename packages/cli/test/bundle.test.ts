import { build } from 'esbuild'
import { expect, test } from 'vitest'

const program = `
  import { createEngine, loadWorkflow } from './index.ts'
  const { workflow } = loadWorkflow('segno: 1\\nname: x\\noutput: { b: { type: integer, value: "\${{ steps.a.output.b }}" } }\\nsteps: [{ id: a, set: { b: 1 } }]', {})
  await using engine = createEngine()
  export const output = await (await engine.start(workflow)).output()
`

// The engine loads the checker lazily. A bundler that believes the \`segno\` door to be free of side
// effects leaves out the call that initialises the parser, which then is undefined.
test('a host that is bundled into one file parses, checks and runs a workflow', async () => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: new URL('../src', import.meta.url).pathname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    external: ['node:*'],
    target: 'es2022',
    conditions: ['@segno/source'],
  })
  const text = outputFiles[0]?.text ?? ''
  const module = (await import(`data:text/javascript,${encodeURIComponent(text)}`)) as { readonly output: unknown }
  expect(module.output).toEqual({ b: 1 })
})
