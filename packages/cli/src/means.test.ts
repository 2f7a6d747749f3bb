import { once } from 'node:events'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { segno, startSegno, writeFiles } from './process.fixture.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-means-'))
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ path: request.url }))
})
await once(server.listen(0, '127.0.0.1'), 'listening')
const { port } = server.address() as AddressInfo
afterAll(() => {
  server.close()
  server.closeAllConnections()
  rmSync(root, { recursive: true })
})

const adapters = JSON.stringify(fileURLToPath(import.meta.resolve('@segno/adapters/http')))
const output = 'output: { path: { type: string, value: "${{ steps.ask.output.body.path }}" } }'

function folder(files: Readonly<Record<string, string>> = {}): string {
  const made = mkdtempSync(join(root, 'case-'))
  writeFiles(made, {
    'written.segno.yaml': `
segno: 1
name: written
${output}
steps: [{ id: ask, http: { url: "http://127.0.0.1:${port}/written" } }]
`,
    'given.segno.yaml': `
segno: 1
name: given
input: { url: { type: string } }
${output}
steps: [{ id: ask, http: { url: "\${{ input.url }}" } }]
`,
    'watch.segno.yaml': `
segno: 1
name: watch
output: { files: { type: array, value: "\${{ steps.arrived.output.files }}" } }
steps: [{ id: arrived, watch: { glob: "inbox/*.json", every: 50ms } }]
`,
    ...files,
  })
  return made
}

describe.concurrent('the command brings what steps need:', { timeout: 60_000 }, () => {
  test('a client for requests, and says which one is under way', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('run written.segno.yaml', { cwd: folder() })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'path: /written\n' })
    expect(stderr).toContain(`ask         started    GET http://127.0.0.1:${port}/written\n`)
  })

  test('one that keeps data out of private networks, unless the configuration opens them', async ({ expect }) => {
    const config = `
      import { nodeHttp } from ${adapters}
      export default { http: nodeHttp({ allowPrivate: ['127.0.0.1'] }) }
    `
    const words = `run given.segno.yaml -i url=http://127.0.0.1:${port}/given`
    const closed = await segno(words, { cwd: folder() })
    expect(closed.code).toBe(1)
    expect(closed.stderr).toContain('ask  HTTP_REFUSED\n')
    const { code, stdout } = await segno(words, { cwd: folder({ 'segno.config.mjs': config }) })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'path: /given\n' })
  })

  test('the files of the working folder, to wait for', async ({ expect }) => {
    const cwd = folder()
    const { ended, printed } = startSegno('run watch.segno.yaml', { cwd })
    await printed('arrived     started    inbox/*.json')
    mkdirSync(join(cwd, 'inbox'))
    writeFileSync(join(cwd, 'inbox', 'part'), '')
    renameSync(join(cwd, 'inbox', 'part'), join(cwd, 'inbox', 'a.json'))
    expect(await ended).toMatchObject({ code: 0, stdout: 'files: ["inbox/a.json"]\n' })
  })

  test('and the check knows of them', async ({ expect }) => {
    const cwd = folder({ 'segno.config.mjs': 'export default { handlers: {} }\n' })
    const { code, stdout } = await segno('validate', { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('3 files, all valid') as string })
    const blind = folder({ 'segno.config.mjs': "export default { files: { kind: () => 'missing' } }\n" })
    const refused = await segno('validate watch.segno.yaml', { cwd: blind })
    expect(refused.code).toBe(3)
    expect(refused.stdout).toContain('watch')
  })

  test('what stands in their place is refused where it is none', async ({ expect }) => {
    const cwd = folder({ 'segno.config.mjs': 'export default { http: { get: () => 1 } }\n' })
    const { code, stderr } = await segno('run written.segno.yaml', { cwd })
    expect(code).toBe(2)
    expect(stderr).toContain('error[CONFIG_INVALID] segno.config.mjs has an object of another shape as http\n')
    expect(stderr).toContain('http is what nodeHttp({ … }) or another adapter gives')
  })
})
