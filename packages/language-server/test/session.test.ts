import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import {
  DiagnosticSeverity,
  DiagnosticTag,
  type CodeAction,
  type CompletionItem,
  type Hover,
  type Location,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol'
import { Client, folderWith } from './client.fixture.ts'

const broken = `segno: 1
name: order
input:
  amount: { type: number }
imports:
  notify: ./lib/notify.segno.yaml
steps:
  - id: price
    set: { total: '\${{ input.amuont }}' }
  - id: told
    call: notify
    wiht: { text: done }
  - id: late
    if: steps.price.output.total > 3
    set:
      note: |
        The price is \${{ steps.price.output.total }},
        and was "\${{ steps.price.status }}".
`

const notify = `segno: 1
name: notify
input:
  text: { type: string, description: What is said. }
output:
  sent: { type: boolean, value: '\${{ true }}' }
steps:
  - id: say
    set: { said: '\${{ input.text }}' }
`

const folder = folderWith({ 'order.segno.yaml': broken, 'lib/notify.segno.yaml': notify })
afterAll(() => rmSync(folder, { recursive: true }))

const file = 'order.segno.yaml'

describe('a session', { timeout: 60_000 }, () => {
  test('goes from a broken file to a right one, and ends with 0', async () => {
    const client = new Client(folder)
    expect(await client.initialize()).toMatchObject({
      serverInfo: { name: 'segno-language-server' },
      capabilities: { hoverProvider: true, renameProvider: { prepareProvider: true } },
    })
    await client.open(file, broken)

    const { diagnostics } = await client.diagnostics(file)
    expect(diagnostics.map(({ code }) => code)).toEqual(['UNKNOWN_INPUT', 'UNKNOWN_KEY'])
    expect(diagnostics[0]).toMatchObject({
      severity: DiagnosticSeverity.Error,
      source: 'segno',
      range: { start: { line: 8, character: 29 }, end: { line: 8, character: 35 } },
    })
    expect(diagnostics[0]?.codeDescription?.href).toMatch(/^file:.*\/docs\/09-errors\.md#unknown_input$/)
    expect(diagnostics[0]?.message).toContain('did you mean "amount"?')

    const actions = await client.ask<CodeAction[]>('textDocument/codeAction', file, 'wiht', {
      range: diagnostics[1]?.range,
      context: { diagnostics: [] },
    })
    expect(actions.map(({ title }) => title)).toContain('Change to "with"')
    const all = actions.find(({ kind }) => kind === 'source.fixAll.segno')
    await client.change(file, editsOf(all?.edit, client.uriOf(file)))
    expect((await client.diagnostics(file)).diagnostics).toEqual([])

    await client.shutdown()
    expect(await client.exit()).toBe(0)
  })

  test('answers what is asked about a right file', async () => {
    const client = new Client(folder)
    await client.initialize()
    const text = broken.replace('amuont', 'amount').replace('wiht', 'with')
    await client.open(file, text)
    expect((await client.diagnostics(file)).diagnostics).toEqual([])

    const items = await client.ask<CompletionItem[]>('textDocument/completion', file, 'if: steps.|')
    expect(items.map(({ label }) => label)).toEqual(['told', 'price'].toSorted())

    const fields = await client.ask<CompletionItem[]>('textDocument/completion', file, 'price.output.|total > 3')
    expect(fields).toContainEqual(expect.objectContaining({ label: 'total', detail: 'a number' }))
    const typed = await client.ask<Hover>('textDocument/hover', file, 'output.to|tal > 3')
    expect(JSON.stringify(typed.contents)).toContain('**steps.price.output.total**: a number')

    const hover = await client.ask<Hover>('textDocument/hover', file, '> 3\n    s|et')
    expect(JSON.stringify(hover.contents)).toContain('Computes values')

    const places = await client.ask<Location[]>('textDocument/definition', file, 'call: not|ify')
    expect(places).toEqual([
      expect.objectContaining({ uri: client.uriOf(file) }),
      expect.objectContaining({ uri: client.uriOf('lib/notify.segno.yaml') }),
    ])
    const [input] = await client.ask<Location[]>('textDocument/definition', file, 'with: { te|xt')
    expect(input).toEqual({
      uri: client.uriOf('lib/notify.segno.yaml'),
      range: { start: { line: 3, character: 2 }, end: { line: 3, character: 6 } },
    })

    const edit = await client.ask<WorkspaceEdit>('textDocument/rename', file, 'id: pri|ce', { newName: 'sum' })
    await client.change(file, editsOf(edit, client.uriOf(file)))
    expect(client.document(file).getText()).toBe(text.replaceAll('price.', 'sum.').replace('id: price', 'id: sum'))
    expect((await client.diagnostics(file)).diagnostics).toEqual([])
    await expect(client.ask('textDocument/rename', file, 'id: su|m', { newName: 'LATE' })).rejects.toThrow(
      'the name "late" is taken',
    )
    await client.shutdown()
    await client.exit()
  })

  test('tells of the mistakes of an imported file at its import, as the editor holds it', async () => {
    const client = new Client(folder)
    await client.initialize()
    const importing = `segno: 1\nname: a\nimports: { other: lib/notify.segno.yaml }\nsteps: [{ id: c, call: other, with: { text: x } }]\n`
    await client.open('a.segno.yaml', importing)
    expect((await client.diagnostics('a.segno.yaml')).diagnostics).toEqual([])

    client.forget()
    await client.open('lib/notify.segno.yaml', notify.replace('input.text', 'input.txet'))
    const { diagnostics } = await client.diagnostics('a.segno.yaml')
    expect(diagnostics).toMatchObject([
      {
        code: 'IMPORT_INVALID',
        range: { start: { line: 2 } },
        relatedInformation: [
          { location: { uri: client.uriOf('lib/notify.segno.yaml'), range: { start: { line: 8 } } } },
        ],
      },
    ])
    await client.shutdown()
    await client.exit()
  })

  test('tells of what is declared and not used as unnecessary', async () => {
    const client = new Client(folder)
    await client.initialize()
    const text = notify.replace('steps:', 'secrets: [KEY]\nsteps:')
    await client.open('a.segno.yaml', text)
    expect((await client.diagnostics('a.segno.yaml')).diagnostics).toMatchObject([
      { code: 'UNUSED_SECRET', severity: DiagnosticSeverity.Warning, tags: [DiagnosticTag.Unnecessary] },
    ])
    await client.shutdown()
    await client.exit()
  })

  test('checks the newest of quick changes only', async () => {
    const client = new Client(folder)
    await client.initialize()
    await client.open('a.segno.yaml', notify)
    const end = client.document('a.segno.yaml').positionAt(notify.length)
    const add = (newText: string): TextEdit[] => [{ range: { start: end, end }, newText }]
    await client.change('a.segno.yaml', add('# one\n'))
    await client.change('a.segno.yaml', add('# two\n'))
    expect((await client.diagnostics('a.segno.yaml')).version).toBe(3)
    expect(client.versionsOf('a.segno.yaml')).toEqual([3])
    await client.shutdown()
    await client.exit()
  })
})

describe('a server that its client leaves', { timeout: 60_000 }, () => {
  test('ends with 1 when it is told to exit without a shutdown', async () => {
    const client = new Client(folder)
    await client.initialize()
    expect(await client.exit()).toBe(1)
  })

  test('ends when the other side of its pipes is gone', async () => {
    const client = new Client(folder)
    await client.initialize()
    client.server.stdin?.destroy()
    expect(await client.ended).toBe(1)
  })

  test('ends when the process of its client is gone, whoever holds the pipes', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const client = new Client(folder)
    await client.initialize({ processId: parent.pid })
    parent.kill()
    expect(await client.ended).toBe(1)
  })
})

describe('a configuration of the workspace', { timeout: 60_000 }, () => {
  const project = folderWith({
    'segno.config.mjs': `console.log('loaded')\nexport default { handlers: { sendMail: () => null } }\n`,
    'a.segno.yaml': '',
  })
  afterAll(() => rmSync(project, { recursive: true }))
  const text = 'segno: 1\nname: a\nsteps: [{ id: mail, uses: sendMial }]\n'

  test('is not executed unless the client says that it is trusted', async () => {
    const client = new Client(project)
    await client.initialize()
    await client.open('a.segno.yaml', text)
    expect((await client.diagnostics('a.segno.yaml')).diagnostics).toEqual([])
    await client.shutdown()
    await client.exit()
  })

  test('gives its handlers where it is trusted', async () => {
    const client = new Client(project)
    await client.initialize({ initializationOptions: { config: true } })
    await client.open('a.segno.yaml', text)
    expect((await client.diagnostics('a.segno.yaml')).diagnostics).toMatchObject([{ code: 'UNKNOWN_HANDLER' }])
    const items = await client.ask<CompletionItem[]>('textDocument/completion', 'a.segno.yaml', 'uses: |')
    expect(items.map(({ label }) => label)).toContain('sendMail')
    await client.shutdown()
    await client.exit()
  })
})

function editsOf(edit: WorkspaceEdit | undefined, uri: string): readonly TextEdit[] {
  return edit?.changes?.[uri] ?? []
}
