import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const execute = promisify(execFile)

// The names that Node gives to what is loaded for HTTP, TLS and `fetch`.
const loaded = `process.moduleLoadList.filter((name) => /(_http_client|_tls_wrap|undici)$/.test(name))`

async function loadedBy(code: string): Promise<unknown> {
  const program = `${code}; process.stdout.write(JSON.stringify(${loaded}))`
  const options = ['--conditions=@segno/source', '--input-type=module', '--eval', program]
  return JSON.parse((await execute(process.execPath, options, { cwd: import.meta.dirname })).stdout)
}

test('a host that makes no request does not load what Node has for them', async () => {
  const code = `const { nodeHttp } = await import('@segno/adapters/http'); nodeHttp({ allowPrivate: ['10.0.0.0/8'] })`

  expect(await loadedBy(code)).toEqual([])
})

test('headers and certificates of a host are looked at before the first request, without what Node has for fetch', async () => {
  const code = `const { nodeHttp } = await import('@segno/adapters/http'); nodeHttp({ headers: { a: 'b' } })
    try { nodeHttp({ ca: 'none' }) } catch {}`

  expect(await loadedBy(code)).not.toContain('NativeModule internal/deps/undici/undici')
})
