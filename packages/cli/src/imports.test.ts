import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { segno as segnoIn, writeFiles, type Ended } from './process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-imports-'))
afterAll(() => rmSync(folder, { recursive: true }))

const workflow = (name: string, imports: string, ...steps: readonly string[]): string =>
  `segno: 1\nname: ${name}\nimports: { other: ${imports} }\nsteps:\n${steps.map((step) => `  - { ${step} }\n`).join('')}`

writeFiles(folder, {
  'secret.yaml': 'segno: 1\nname: secret\nsteps: [{ id: a, set: {} }]\n',
  'good/main.segno.yaml': workflow('main', 'lib/shout.segno.yaml', 'id: a, call: other, with: { text: hello }'),
  'good/lib/shout.segno.yaml': `segno: 1
name: shout
input: { text: { type: string } }
output: { text: { type: string, value: "\${{ steps.loud.output.text }}" } }
steps: [{ id: loud, set: { text: "\${{ input.text + '!' }}" } }]
`,
  'bad/main.segno.yaml': workflow('main', './lib/broken.segno.yaml', 'id: a, call: other'),
  'bad/more.segno.yaml': workflow('more', './lib/broken.segno.yaml', 'id: a, call: other'),
  'bad/lib/broken.segno.yaml': 'segno: 1\nname: broken\nsteps:\n  - { id: a, set: {}, titel: A }\n',
  'out/up.segno.yaml': workflow('up', '../secret.yaml', 'id: a, call: other'),
  'out/link.segno.yaml': workflow('link', 'linked.yaml', 'id: a, call: other'),
  'wide/segno.config.mjs': 'export default {}\n',
  'wide/lib/shared.yaml': 'segno: 1\nname: shared\nsteps: [{ id: a, set: {} }]\n',
  'wide/flows/main.segno.yaml': workflow('main', '../lib/shared.yaml', 'id: a, call: other'),
})
symlinkSync(join(folder, 'secret.yaml'), join(folder, 'out', 'linked.yaml'))

const segno = (words: string, inside: string): Promise<Ended> => segnoIn(words, { cwd: join(folder, inside) })

describe('what a workflow imports is read from the disk', { timeout: 60_000 }, () => {
  test('by segno validate, also where a folder is walked, which finds it by itself too', async () => {
    expect(await segno('validate', 'good')).toMatchObject({
      code: 0,
      stdout: '✓ lib/shout.segno.yaml  shout · 1 step\n✓ main.segno.yaml  main · 1 step\n2 files, all valid\n',
    })
  })

  test('by segno run', async () => {
    const { code, stderr } = await segno('run main.segno.yaml', 'good')
    expect(stderr).not.toContain('IMPORT_')
    expect(code).toBe(0)
  })

  test('from the folder of the configuration too', async () => {
    expect((await segno('validate main.segno.yaml', 'wide/flows')).code).toBe(0)
  })

  test('and its mistakes are shown in its own lines', async () => {
    const { code, stdout } = await segno('validate main.segno.yaml', 'bad')
    expect(code).toBe(3)
    expect(stdout).toBe(`error[IMPORT_INVALID] "lib/broken.segno.yaml" has an error
  --> main.segno.yaml:3:19
  2 | name: main
> 3 | imports: { other: ./lib/broken.segno.yaml }
    |                   ^^^^^^^^^^^^^^^^^^^^^^^ correct lib/broken.segno.yaml:4:23 (UNKNOWN_KEY)
  4 | steps:

error[UNKNOWN_KEY] unknown key "titel"
  --> lib/broken.segno.yaml:4:23
  3 | steps:
> 4 |   - { id: a, set: {}, titel: A }
    |                       ^^^^^ did you mean "title"?

main.segno.yaml: 2 errors; segno explain CODE tells more

`)
  })

  test('once, where several files import it', async () => {
    const [all, two, data, github] = await Promise.all([
      segno('validate', 'bad'),
      segno('validate main.segno.yaml more.segno.yaml', 'bad'),
      segno('validate -o json', 'bad'),
      segno('validate --format github', 'bad'),
    ])
    const countOf = (text: string): number => text.split('UNKNOWN_KEY]').length - 1
    expect([countOf(all.stdout), countOf(two.stdout)]).toEqual([1, 1])
    expect(all.stdout).toContain('3 files, 3 not valid (3 errors)')
    expect(github.stdout.split('\n').filter((line) => line.includes('title=UNKNOWN_KEY'))).toHaveLength(1)
    const { files } = JSON.parse(data.stdout) as { files: readonly { diagnostics: readonly { code: string }[] }[] }
    expect(files.map(({ diagnostics }) => diagnostics.map(({ code }) => code))).toEqual([
      ['UNKNOWN_KEY'],
      ['IMPORT_INVALID', 'UNKNOWN_KEY'],
      ['IMPORT_INVALID', 'UNKNOWN_KEY'],
    ])
  })

  test.for(['up', 'link'])('but never from outside, neither by a path nor by a link: %s', async (name) => {
    const { code, stdout } = await segno(`validate ${name}.segno.yaml`, 'out')
    expect(code).toBe(3)
    expect(stdout).toContain('error[IMPORT_NOT_FOUND]')
    expect(stdout).toContain(`cannot be imported: it lies outside of ${join(folder, 'out')}`)
  })
})

test('segno graph draws with imports, and reads them from no other place', { timeout: 60_000 }, async () => {
  const [good, up] = await Promise.all([segno('graph main.segno.yaml', 'good'), segno('graph up.segno.yaml', 'out')])
  expect([good.code, up.code]).toEqual([0, 3])
  expect(up.stderr).toContain('it lies outside of')
})
