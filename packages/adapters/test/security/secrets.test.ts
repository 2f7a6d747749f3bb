import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createEngine, type HandlerContext } from '@segno/core'
import type { Definition, Json } from '@segno/schema/plan'
import { afterAll, describe, expect, test } from 'vitest'
import { environmentSecrets } from '../../src/secrets/index.ts'
import { nodeShell } from '../../src/shell/index.ts'
import { whyNoServer } from '../postgres/server.ts'
import { postgresDatabase, sqliteDatabase, type LookedAt } from './databases.ts'

const value = 'Zq7/hunter+two=&9"x'
const bytes = Buffer.from(value)
const forms = {
  'as it is': value,
  'in base64': bytes.toString('base64'),
  'in base64 for URLs': bytes.toString('base64url'),
  'in hexadecimal': bytes.toString('hex'),
  'in a URL': encodeURIComponent(value),
  'in JSON': JSON.stringify(value).slice(1, -1),
  'in part': 'hunter',
}

const noServer = whyNoServer()
const databases: readonly (readonly [name: string, open: () => Promise<LookedAt>])[] = [
  ['SQLite', sqliteDatabase],
  ...(noServer === undefined ? [['PostgreSQL', () => postgresDatabase()] as const] : []),
]

const definition = {
  segno: 1,
  name: 'tells',
  secrets: ['TOKEN'],
  steps: [
    { id: 'output', uses: 'output', secrets: ['TOKEN'] },
    { id: 'large', uses: 'large', secrets: ['TOKEN'] },
    { id: 'fail', uses: 'fail', secrets: ['TOKEN'], retry: { max: 1, delay: '1ms' }, onFailure: 'continue' },
    {
      id: 'print',
      run: 'echo "with $TOKEN"; echo "$TOKEN" >&2; printf %s "$TOKEN" | base64; exit 3',
      secrets: ['TOKEN'],
      onFailure: 'continue',
    },
    { id: 'again', set: { output: '${{ steps.output.output }}', large: '${{ size(steps.large.output) }}' } },
    { id: 'wait', waitFor: { signal: 'go' }, timeout: '1h' },
  ],
} as unknown as Definition

const handlers = {
  output: async ({ secrets, log }: HandlerContext): Promise<Json> => {
    const token = (await secrets.get('TOKEN')) ?? ''
    log(`sent ${token}`, { token, [token]: [token] })
    return { token, [token]: [token], text: `Bearer ${token}` }
  },
  large: async ({ secrets }: HandlerContext): Promise<Json> => `${'x'.repeat(20_000)}${await secrets.get('TOKEN')}`,
  fail: async ({ secrets }: HandlerContext): Promise<never> => {
    const token = (await secrets.get('TOKEN')) ?? ''
    throw Object.assign(new Error(`refused ${token}`), {
      code: 'REFUSED',
      retryable: true,
      details: { token, [token]: [token], form: Buffer.from(token).toString('base64') },
      cause: new Error(`because of ${encodeURIComponent(token)}`, { cause: new Error(token) }),
    })
  },
}

describe.for(databases)('of a secret, in %s,', ([, open]) => {
  const played = play(open)
  afterAll(async () => (await played).close())

  test('what is kept says that something was masked', async () => {
    const { kept } = await played
    expect(kept).toContain('***')
    expect(kept).toContain('step.completed')
  })

  test.for(Object.entries(forms))('nothing is kept or told %s', async ([, form]) => {
    const { kept, told } = await played
    expect(kept.includes(form)).toBe(false)
    expect(told.filter((line) => line.includes(form))).toEqual([])
  })
})

interface Played {
  /** All rows, and all files of evidence. */
  readonly kept: string
  /** What the host was told: by the log, by events, by errors. */
  readonly told: readonly string[]
  close(): Promise<void>
}

async function play(open: () => Promise<LookedAt>): Promise<Played> {
  const database = await open()
  const folder = await mkdtemp(join(tmpdir(), 'segno-secrets-'))
  const told: string[] = []
  const engine = createEngine({
    storage: database.storage,
    handlers,
    secrets: environmentSecrets({ env: { TOKEN: value } }),
    shell: nodeShell({ workspace: folder, evidence: { folder: (...attempt) => join(folder, ...attempt.map(String)) } }),
    logger: { log: (_, message, details) => void told.push(`${message} ${inspect(details, { depth: 10 })}`) },
  })
  engine.on('*', (event) => void told.push(JSON.stringify(event)))
  const run = await engine.start(definition, {}, { id: 'run' })
  await run.signal('go', null)
  told.push(inspect(await run.result(), { depth: 10 }))
  await engine.close()
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const texts = await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')))
  return {
    kept: [await database.text(), ...texts].join('\n'),
    told,
    async close() {
      await database.close()
      await rm(folder, { recursive: true })
    },
  }
}
