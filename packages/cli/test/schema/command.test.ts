import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { segno, writeFiles } from '../../src/process.fixture.ts'
import { cursor, openEditor } from './editor.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-schema-'))
afterAll(() => rmSync(root, { recursive: true }))

// A handler whose validator tells its JSON Schema, as those of zod do.
const config = (name: string): string => `
const schema = { type: 'object', properties: { to: { type: 'string' } }, required: ['to'], additionalProperties: false }
const tell = () => schema
const input = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }), jsonSchema: { input: tell, output: tell } } }
export default { handlers: { '${name}': { version: '2.0.0', title: 'Send', input, perform: () => 1 } } }
`
const review = `
segno: 1
name: review
input: { text: { type: string, description: What is read. }, rounds: { type: integer, default: 3 } }
steps: [{ id: read, set: {} }]
`
const order = `
segno: 1
name: order
secrets: [TOKEN]
agents: { writer: { provider: example } }
imports: { review: ./library/review.segno.yaml, lost: ./library/lost.segno.yaml }
steps:
  - id: both
    parallel:
      - { id: left, set: {} }
      - { id: right, set: {} }
  - id: life
    initial: open
    states:
      open: { on: { closed: { to: done } } }
      done: {}
  - { id: paid, waitFor: { signal: payment }, timeout: 1d }
`
const project = (folder: string, files: Readonly<Record<string, string>> = {}): string => {
  const cwd = join(root, folder)
  const common = { 'segno.config.mjs': config('mail.send'), 'flows/order.segno.yaml': order }
  writeFiles(cwd, { ...common, 'flows/library/review.segno.yaml': review, ...files })
  return cwd
}
const text = (...path: readonly string[]): string => readFileSync(join(...path), 'utf8')
const line = (path: string): string => `# yaml-language-server: $schema=${path}\n`

describe.concurrent('segno schema', { timeout: 60_000 }, () => {
  test('prints the schema of workflows with the handlers of the configuration', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('schema', { cwd: project('print') })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { definitions } = JSON.parse(stdout) as { readonly definitions: Readonly<Record<string, object>> }
    expect(definitions['uses']).toMatchObject({ enum: ['mail.send', 'mail.send@2'] })
    expect(definitions['uses']).toMatchObject({ enumDescriptions: ['Send. Version 2.0.0.', 'Send. Version 2.0.0.'] })
  })

  test('without a configuration, prints the schema that is published', async ({ expect }) => {
    writeFiles(root, { 'bare/a.txt': '' })
    const { code, stdout } = await segno('schema', { cwd: join(root, 'bare') })
    expect(code).toBe(0)
    expect(stdout).toBe(text(import.meta.dirname, '../../../schema/json/workflow.draft-07.schema.json'))
  })

  test('--write writes it below .segno, and tells the line by which files name it', async ({ expect }) => {
    const cwd = project('write', { 'top.segno.yaml': review })
    const { code, stdout } = await segno('schema --write', { cwd })
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        'wrote .segno/schema/workflow.schema.json',
        'The first line of a workflow names its schema:',
        '  ./*              # yaml-language-server: $schema=./.segno/schema/workflow.schema.json',
        '  flows/*          # yaml-language-server: $schema=../.segno/schema/workflow.schema.json',
        '  flows/library/*  # yaml-language-server: $schema=../../.segno/schema/workflow.schema.json',
        '',
      ].join('\n'),
    )
    expect(text(cwd, '.segno/schema/workflow.schema.json')).toBe((await segno('schema', { cwd })).stdout)
    // The folder of the store is there now, and no store in it.
    const runs = await segno('runs', { cwd })
    expect({ code: runs.code, stderr: runs.stderr }).toEqual({ code: 0, stderr: 'no runs in .segno\n' })
  })

  test('--write leaves alone what is the same, and files that name a schema', async ({ expect }) => {
    const named = line('../.segno/schema/workflow.schema.json') + order
    const cwd = project('twice', { 'flows/order.segno.yaml': named })
    await segno('schema --write', { cwd })
    const path = join(cwd, '.segno/schema/workflow.schema.json')
    const { mtimeMs } = statSync(path)
    const again = await segno('schema --write flows/order.segno.yaml', { cwd })
    expect(again.stdout.split('\n').slice(0, 3)).toEqual([
      'as it was .segno/schema/workflow.schema.json',
      'wrote .segno/schema/files/flows/order.schema.json',
      'The first line of a workflow names its schema:',
    ])
    expect(again.stdout).not.toContain('  flows/order')
    expect(statSync(path).mtimeMs).toBe(mtimeMs)
    writeFiles(cwd, { 'segno.config.mjs': config('mail.sent') })
    expect((await segno('schema --write', { cwd })).stdout).toMatch(/^wrote .segno/)
    expect(text(path)).toContain('"mail.sent@2"')
  })

  test('writes to another folder, and tells it as JSON', async ({ expect }) => {
    const cwd = project('out')
    const { stdout } = await segno('schema --write --out schemas flows/order.segno.yaml -o json', { cwd })
    const path = '../schemas/files/flows/order.schema.json'
    expect(JSON.parse(stdout)).toEqual({
      v: 1,
      schemas: [
        { schema: 'schemas/workflow.schema.json', outcome: 'written' },
        { schema: 'schemas/files/flows/order.schema.json', file: 'flows/order.segno.yaml', outcome: 'written' },
      ],
      lines: [
        { place: 'flows/library/*', line: line('../../schemas/workflow.schema.json').trim() },
        { place: 'flows/order.segno.yaml', line: line(path).trim() },
      ],
    })
    expect((await segno('schema --write --out schemas --quiet', { cwd })).stdout).toBe('')
  })

  test('an editor finds it by the line, and knows the handlers', async ({ expect }) => {
    const cwd = project('editor')
    await segno('schema --write', { cwd })
    const head = `${line('../.segno/schema/workflow.schema.json')}segno: 1\nname: test\nsteps:\n  - id: work\n`
    const path = join(cwd, 'flows/new.yaml')
    const editor = openEditor()
    expect(await editor.problems(`${head}    uses: mail.sent\n`, path)).toEqual([
      '6: Expected a handler of segno.config.mjs: mail.send.',
    ])
    expect(await editor.problems(`${head}    uses: mail.send\n    with: { too: Ada }\n`, path)).toEqual([
      '7: Missing property "to".',
      '7: Property too is not allowed.',
    ])
    expect(await editor.problems(`${head}    uses: mail.send\n    with: { to: "\${{ run.id }}" }\n`, path)).toEqual([])
    const offers = await editor.offers(`${head}    uses: ${cursor}`, path)
    expect(offers.map(({ label }) => label)).toEqual(['mail.send', 'mail.send@2'])
  })

  test.for<[what: string, marked: string, ...offered: string[]]>([
    [
      'siblings',
      `  - id: x\n    parallel:\n      - id: a\n        set: {}\n        needs:\n          - ${cursor}`,
      'left',
      'right',
    ],
    ['imports to call', `  - id: x\n    call: ${cursor}`, 'review', 'lost'],
    ['imports to start', `  - id: x\n    start: ${cursor}`, 'review', 'lost'],
    ['inputs of what is called', `  - id: x\n    call: review\n    with:\n      ${cursor}`, 'text', 'rounds'],
    ['agents', `  - id: x\n    agent: ${cursor}`, 'writer'],
    ['secrets', `  - id: x\n    exec: [a]\n    secrets:\n      - ${cursor}`, 'TOKEN'],
    ['states', `  - id: x\n    initial: ${cursor}\n    states: {}`, 'open', 'done'],
    [
      'states to go to',
      `  - id: x\n    initial: a\n    states:\n      a:\n        next:\n          - to: ${cursor}`,
      'open',
      'done',
    ],
    ['signals', `  - id: x\n    waitFor:\n      signal: ${cursor}`, 'payment', 'closed'],
    ['signals to send', `  - id: x\n    emit:\n      signal: ${cursor}`, 'payment', 'closed'],
  ])('an editor with the schema of a file offers its %s', async ([, marked, ...offered], { expect }) => {
    const editor = openEditor(JSON.parse(await ownSchema()) as object)
    const offers = await editor.offers(`segno: 1\nname: test\nsteps:\n${marked}`)
    expect(offers.map(({ label }) => label)).toEqual(expect.arrayContaining(offered))
  })

  test('an editor with the schema of a file tells what inputs of another file are', async ({ expect }) => {
    const editor = openEditor(JSON.parse(await ownSchema()) as object)
    const offers = await editor.offers(
      `segno: 1\nname: a\nsteps:\n  - id: x\n    call: review\n    with:\n      ${cursor}`,
    )
    expect(offers.map(({ label, documentation }) => [label, documentation])).toEqual(
      expect.arrayContaining([
        ['text', 'What is read. · string'],
        ['rounds', 'integer, 3 unless given'],
      ]),
    )
  })

  test('names that were written since are no mistakes', async ({ expect }) => {
    const editor = openEditor(JSON.parse(await ownSchema()) as object)
    const later = order
      .replaceAll('left', 'before')
      .replaceAll('open', 'draft')
      .replace('review: ./', 'audit: ./')
      .replace('TOKEN', 'KEY')
    const call = '  - { id: x, call: audit, with: { other: 1 } }\n  - { id: y, call: review, with: { other: 1 } }\n'
    expect(await editor.problems(`${later}${call}`)).toEqual([])
  })

  test('a file with mistakes has no schema of its own; all others have', async ({ expect }) => {
    const cwd = project('mistake', { 'flows/wrong.segno.yaml': 'segno: 1\nname: wrong\nstep: []\n' })
    const { code, stdout, stderr } = await segno('schema --write .', { cwd })
    expect(code).toBe(3)
    expect(stderr).toContain('unknown key "step"')
    expect(stdout).toContain('wrote .segno/schema/files/flows/order.schema.json\n')
    expect(stdout).not.toContain('wrong.schema')
    expect((await segno('schema flows/wrong.segno.yaml', { cwd })).code).toBe(3)
  })

  test.for<[what: string, words: string, says: string]>([
    ['several files that are not to be written', 'schema flows', 'there are 2 files, and without --write one schema'],
    ['a folder for nothing that is written', 'schema --out x', '--out is for what is written, and without --write'],
    [
      'a folder that is a file',
      'schema --write --out segno.config.mjs',
      'error[OPTION_INVALID] --out segno.config.mjs:',
    ],
    ['a file outside', 'schema --write ../outside.segno.yaml', 'lies outside of the working folder'],
    ['a file that is not there', 'schema lost.segno.yaml', 'error[FILE_NOT_FOUND]'],
    ['a folder without workflows', 'schema empty', 'error[NO_WORKFLOWS] there are no *.segno.yaml files below empty'],
    ['a configuration that is not there', 'schema --config lost.mjs', 'error[FILE_NOT_FOUND]'],
  ])('refuses %s', async ([what, words, says], { expect }) => {
    const cwd = project(`refused-${what.replaceAll(' ', '-')}`, { 'empty/a.txt': '', '../outside.segno.yaml': review })
    const { code, stdout, stderr } = await segno(words, { cwd })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(says)
  })
})

let own: Promise<string> | undefined

function ownSchema(): Promise<string> {
  own ??= segno('schema flows/order.segno.yaml', { cwd: project('own') }).then(({ stdout }) => stdout)
  return own
}
