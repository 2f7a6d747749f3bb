import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { timeZoneFlaw } from './doctor-time-zones.ts'
import { segno, writeFiles } from './process.fixture.ts'

const core = JSON.stringify(fileURLToPath(import.meta.resolve('@segno/core')))
const root = mkdtempSync(join(tmpdir(), 'segno-doctor-'))
afterAll(() => rmSync(root, { recursive: true }))

const plugins = `
  import { definePlugin } from ${core}
  const validate = (value) => ({ value })
  const told = { '~standard': { version: 1, vendor: 'own', validate, jsonSchema: { input: () => ({ type: 'object' }) } } }
  const untold = { '~standard': { version: 1, vendor: 'plain', validate } }
  const send = { title: 'Send', effect: 'once', input: told, output: untold, perform: () => 'sent' }
  export const mail = definePlugin({
    name: '@acme/mail', version: '1.2.0', description: 'Sends mails.', handlers: { 'mail.send': send },
  })
  export const post = definePlugin({ name: '@acme/post', version: '2.0.0', handlers: { 'mail.send': () => 1 } })
`
const workflow = (handler: string): string => `segno: 1\nname: it\nsteps: [{ id: a, uses: ${handler} }]\n`

writeFiles(root, {
  'plugins.mjs': plugins,
  'well/segno.config.mjs':
    "import { mail } from '../plugins.mjs'\nexport default { plugins: [mail], handlers: { greet: () => 'hello' } }\n",
  'well/flows/a.segno.yaml': workflow('mail.send'),
  'conflict/segno.config.mjs':
    "import { mail, post } from '../plugins.mjs'\nexport default { plugins: [mail, post], handlers: { greet: () => 1 } }\n",
  'conflict/a.segno.yaml': workflow('greet'),
  'conflict/b.segno.yaml': workflow('greet'),
  'broken/segno.config.mjs': "throw new Error('no database')\n",
  'broken/a.segno.yaml': workflow('greet'),
  'broken/b.segno.yaml': workflow('greet'),
  'slips/segno.config.mjs': 'export default { handlers: { greet: () => 1 } }\n',
  'slips/bad one.segno.yaml': workflow('gret'),
  'slips/good.segno.yaml': workflow('greet'),
  'bare/a-file': '',
  'shells/a.txt': '',
})

const at = (folder: string): { readonly cwd: string } => ({ cwd: join(root, folder) })

describe.concurrent('segno doctor', { timeout: 60_000 }, () => {
  test('lists what is there, and exits with 0 where nothing is wrong', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('doctor', at('well'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const line of [
      /^segno \d+\.\d+\.\d+ · \/.*well$/m,
      /^✓ Node\.js {5}\d+\.\d+\.\d+, needed >=22\.18$/m,
      /^✓ time zones {2}/m,
      /^✓ config {6}segno\.config\.mjs$/m,
      /^✓ store {7}\.segno · survives a loss of power · made by the first run$/m,
      /^✓ sh {10}\/\S+/m,
      /^✓ node {8}\/\S+ {2}\d+\.\d+\.\d+$/m,
      /^✓ plugin {6}@acme\/mail 1\.2\.0 — Sends mails\.\n {4}mail\.send {2}1\.2\.0 {2}once {2}input · output without a JSON Schema$/m,
      /^✓ handlers {4}of segno\.config\n {4}greet {2}1\.0\.0 {2}idempotent$/m,
      /^✓ workflows {3}1, all valid$/m,
      /\nall is well\n$/,
    ]) {
      expect(stdout).toMatch(line)
    }
  })

  test('--format json prints the report, with the contracts of handlers', async ({ expect }) => {
    const [format, output] = [
      await segno('doctor --format json', at('well')),
      await segno('doctor -o json', at('well')),
    ]
    expect(output.stdout).toBe(format.stdout)
    expect(JSON.parse(format.stdout)).toMatchObject({
      ...{ v: 1, node: { version: process.versions.node, needed: '>=22.18' }, problems: [] },
      config: { file: 'segno.config.mjs' },
      store: { kind: 'files', path: '.segno', exists: false, durability: 'power', multiProcess: true },
      adapters: { shell: 'segno', files: 'segno', http: 'segno', secrets: 'segno' },
      plugins: [
        {
          ...{ name: '@acme/mail', version: '1.2.0', description: 'Sends mails.' },
          handlers: [
            {
              ...{ name: 'mail.send', version: '1.2.0', effect: 'once', title: 'Send', input: { type: 'object' } },
              ...{ plugin: { name: '@acme/mail', version: '1.2.0' } },
              untold: { output: 'its validator (plain) gives no JSON Schema' },
            },
          ],
        },
      ],
      handlers: [{ name: 'greet', version: '1.0.0', effect: 'idempotent' }],
      workflows: [{ file: 'flows/a.segno.yaml', errors: 0, warnings: 0 }],
    })
  })

  test('makes no store, and takes a folder without anything for well', async ({ expect }) => {
    const { cwd } = at('bare')
    const { code, stdout } = await segno('doctor', { cwd })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^— config {6}no segno\.config$/m)
    expect(stdout).toMatch(/^— workflows {3}no \*\.segno\.yaml below this folder$/m)
    expect(existsSync(join(cwd, '.segno'))).toBe(false)
    mkdirSync(join(cwd, 'kept'))
    const kept = JSON.parse((await segno('doctor --store kept -o json', { cwd })).stdout) as { store: object }
    expect(kept.store).toEqual({ kind: 'files', path: 'kept', exists: true, durability: 'power', multiProcess: true })
  })

  test('names both sides of a conflict once, lists what each brings, and exits with 1', async ({ expect }) => {
    const { code, stdout } = await segno('doctor', at('conflict'))
    expect(code).toBe(1)
    const told =
      'error[PLUGIN_CONFLICT] The handler "mail.send" comes from @acme/mail 1.2.0 and from @acme/post 2.0.0\n'
    expect(stdout.split(told)).toHaveLength(2)
    expect(stdout).toContain('@acme/mail 1.2.0 — Sends mails.\n    mail.send  1.2.0  once')
    expect(stdout).toContain('@acme/post 2.0.0\n    mail.send  2.0.0  idempotent')
    expect(stdout).toContain('greet  1.0.0')
    expect(stdout).toMatch(/^✗ workflows {3}2, 2 not checked$/m)
  })

  test('tells of a configuration that cannot be loaded, and of all else', async ({ expect }) => {
    const { code, stdout } = await segno('doctor', at('broken'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ config {6}it cannot be loaded$/m)
    expect(
      stdout.match(/error\[CONFIG_FAILED\] segno\.config\.mjs cannot be loaded: Error: no database/g),
    ).toHaveLength(1)
    expect(stdout).toMatch(/^✓ store/m)
  })

  test('counts the workflows that have errors, and says how to see them', async ({ expect }) => {
    const { code, stdout } = await segno('doctor', at('slips'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ workflows {3}2, 1 with errors$/m)
    expect(stdout).toContain(
      "error[DEFINITION_INVALID] bad one.segno.yaml has an error\n  segno validate 'bad one.segno.yaml' shows what is wrong\n",
    )
    const quiet = await segno('doctor -q', at('slips'))
    expect(quiet.stdout).toMatch(/^error\[DEFINITION_INVALID\] .*\n.*\n$/)
  })

  test('finds that a store cannot be made where a file is in its way', async ({ expect }) => {
    const { code, stdout } = await segno('doctor --store a-file/store', at('bare'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^✗ store .*it cannot be made: .*a-file is no folder$/m)
    expect(stdout).toContain('error[STORE_UNWRITABLE] ')
    const file = await segno('doctor --store a-file', at('bare'))
    expect(file.code).toBe(1)
    expect(file.stdout).toContain('error[OPTION_INVALID] --store a-file: this is a file')
  })

  // Permissions do not bind root, who may run the tests; this file system takes files of nobody.
  test.skipIf(!existsSync('/proc/self'))('finds that nothing can be written to a store', async ({ expect }) => {
    const { code, stdout } = await segno('doctor --store /proc/self', at('bare'))
    expect(code).toBe(1)
    expect(stdout).toMatch(/^error\[STORE_UNWRITABLE\] \/proc\/self: nothing can be written there \(E/m)
  })

  test('takes a shell that is not there for no problem, and says which program it looked for', async ({ expect }) => {
    const { cwd } = at('shells')
    const { code, stdout } = await segno('doctor', { cwd, env: { PATH: cwd } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^— python {6}there is no program "python" in PATH/m)
    expect(stdout).toMatch(/^✓ node {8}\//m)
  })
})

describe('time zones', () => {
  test('are there', () => {
    expect(timeZoneFlaw()).toBeUndefined()
  })

  test('that are missing, or are computed as if there were one, are told of', () => {
    expect(timeZoneFlaw('Europe/Atlantis')).toMatch(/^this Node has no time zone Europe\/Atlantis: /)
    expect(timeZoneFlaw('UTC', ['13', '14'])).toBe(
      "this Node computes UTC wrongly: noon UTC is 12 and 12 o'clock, not 13 and 14",
    )
  })
})
