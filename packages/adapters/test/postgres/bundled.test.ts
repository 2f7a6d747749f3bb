import { build } from 'esbuild'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const program = `
import { postgresStorage } from '@segno/adapters/postgres'
const storage = postgresStorage({ connectionString: 'postgres://127.0.0.1:1/none' })
storage.row('run').catch((fault) => console.log(fault.message))
`

// In a folder from which no package is found.
async function saidBy(external: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'segno-bundled-'))
  try {
    const file = join(folder, 'host.mjs')
    await build({
      stdin: { contents: program, resolveDir: import.meta.dirname },
      ...{ bundle: true, platform: 'node', format: 'esm', outfile: file, logLevel: 'silent' },
      ...{ conditions: ['@segno/source'], external: ['pg-native', ...external] },
      // What is CommonJS asks for what Node brings with itself.
      banner: {
        js: `import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);`,
      },
    })
    return (await promisify(execFile)(process.execPath, [file])).stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a host in one file with `pg` connects by the one that it has in it', async () => {
  expect(await saidBy([])).toMatch(/ECONNREFUSED/)
})

test('a host without `pg` hears that it is needed', async () => {
  expect(await saidBy(['pg'])).toMatch(/npm i pg/)
})
