import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { textPlugin } from '@segno-examples/plugin-text'
import { createEngine, handlerContracts, handlerNames, loadWorkflow, type Definition, type JsonObject } from 'segno'
import { afterAll, describe, expect, test } from 'vitest'

const here = import.meta.dirname
const read = (file: string): string => readFileSync(join(here, file), 'utf8')
const notice = [
  'Terms of the shop change on 2026-01-01: 2 lines go, 3 lines come.\n\n@@ -2,2 +2,2 @@\n',
  '-2. Goods may be returned within 14 days.\n-3. Whoever returns goods pays for the parcel.\n',
  '+2. Goods may be returned within 30 days.\n+3. The shop pays for the parcel.\n',
  '@@ -4,0 +5 @@\n+5. Questions by mail are answered within a day.\n\n',
].join('')

/** What a handler of the plugin gives a step that calls it. */
async function called(handler: string, input: JsonObject): Promise<unknown> {
  const definition: Definition = {
    segno: 1,
    name: 'call',
    input: { it: {} },
    output: { it: { value: '${{ steps.call.output }}' } },
    steps: [{ id: 'call', uses: handler, with: '${{ input.it }}' }],
  } as Definition
  await using engine = createEngine({ plugins: [textPlugin] })
  const result = await (await engine.start(definition, { it: input })).result()
  if (result.status === 'completed') return result.output['it']
  return result.status === 'failed' ? result.failure : result
}

/** The text that a diff makes of another, read as `patch` reads it. */
function patched(before: string, diff: string): string {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? []
  let [made, at] = ['', 0]
  for (const hunk of diff.split(/^(?=@@ )/m).filter(Boolean)) {
    const [head = '', ...body] = hunk.match(/[^\n]*\n/g) ?? []
    const [, start = 0, length = 1] = (/^@@ -(\d+)(?:,(\d+))?/.exec(head) ?? []).map((text) => text && Number(text))
    const from = Number(length) === 0 ? Number(start) : Number(start) - 1
    made += lines.slice(at, from).join('')
    at = from + Number(length)
    for (const [index, line] of body.entries()) {
      const text = body[index + 1]?.startsWith('\\') === true ? line.slice(1, -1) : line.slice(1)
      if (line.startsWith(' ') || line.startsWith('+')) made += text
    }
  }
  return made + lines.slice(at).join('')
}

describe('text.slug', () => {
  test.for([
    ['Terms of the shop, since 2026', 'terms-of-the-shop-since-2026'],
    ['Übergröße & Ærø: 5 € für Łódź', 'ubergrosse-aero-5-fur-lodz'],
    ['  --a__b--  ', 'a-b'],
    ['ﬁve ① ½', 'five-1-1-2'],
  ] as const)('makes of "%s" the name "%s"', async ([text, slug]) => {
    expect(await called('text.slug', { text })).toEqual({ slug })
  })

  test('leaves words out at the end of a long name, and cuts only its first', async () => {
    expect(await called('text.slug', { text: 'one two three', max: 9 })).toEqual({ slug: 'one-two' })
    expect(await called('text.slug', { text: 'extraordinary things', max: 5 })).toEqual({ slug: 'extra' })
  })

  test('fails for a text without letters and digits', async () => {
    expect(await called('text.slug', { text: '…!' })).toMatchObject({ code: 'SLUG_EMPTY', retryable: false })
  })
})

describe('text.fill', () => {
  test('fills in values by name and by path, and leaves other text alone', async () => {
    const template = 'Dear {{name}}, your {{ order.items }} for ${{ x }} {{}} {{ 1 }}: {{ paid }}'
    const values = { name: 'Ada', order: { items: ['cup', 'pot'] }, x: '{{name}}', paid: true }
    const text = 'Dear Ada, your cup, pot for ${{name}} {{}} {{ 1 }}: true'
    expect(await called('text.fill', { template, values })).toEqual({ text })
  })

  test('fails with all that is missing, also what every object seems to have', async () => {
    const template = '{{ a }} {{ b.c }} {{ a }} {{ constructor.name }}'
    expect(await called('text.fill', { template, values: { b: {} } })).toMatchObject({
      ...{ code: 'VALUE_MISSING', retryable: false },
      message: 'There is no value for a, b.c, constructor.name',
    })
  })
})

describe('text.diff', () => {
  const lines = (count: number, changed: Readonly<Record<number, string>> = {}): string =>
    Array.from({ length: count }, (_, index) => `${changed[index] ?? index}\n`).join('')

  test('tells nothing of texts that are the same', async () => {
    const same = { same: true, added: 0, removed: 0, diff: '' }
    expect(await called('text.diff', { before: '', after: '' })).toEqual(same)
    expect(await called('text.diff', { before: lines(9), after: lines(9) })).toEqual(same)
  })

  test('puts changes that are near each other into one part, and others into parts of their own', async () => {
    const diff = async (at: number): Promise<string> => {
      const output = await called('text.diff', { before: lines(20), after: lines(20, { 2: 'x', [at]: 'y' }) })
      return (output as { diff: string }).diff
    }
    expect((await diff(9)).match(/^@@ .* @@$/gm)).toEqual(['@@ -1,13 +1,13 @@'])
    expect((await diff(10)).match(/^@@ .* @@$/gm)).toEqual(['@@ -1,6 +1,6 @@', '@@ -8,7 +8,7 @@'])
  })

  test.for<readonly [before: string, after: string, edits: number]>([
    ['', 'a\n', 1],
    ['a\nb\nc\n', '', 3],
    ['a\n', 'a', 2],
    ['a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n', 5],
    [lines(40), lines(40, { 0: 'x', 17: 'y', 39: 'z' }), 6],
    ['x\n'.repeat(30), `${'x\n'.repeat(12)}y\n${'x\n'.repeat(20)}`, 3],
  ])('makes of the first text the second, with no edit too many (%#)', async ([before, after, edits]) => {
    for (const context of [0, 1, 3]) {
      const output = await called('text.diff', { before, after, context })
      const { diff, added, removed } = output as { diff: string; added: number; removed: number }
      expect(patched(before, diff)).toBe(after)
      expect(added + removed).toBe(edits)
    }
  })

  test('gives up on texts that have next to nothing in common', async () => {
    const after = lines(600).replaceAll('\n', '!\n')
    expect(await called('text.diff', { before: lines(600), after })).toMatchObject({ code: 'TEXTS_TOO_DIFFERENT' })
  })
})

describe('the plugin', () => {
  test('tells tools what each handler takes and gives', () => {
    const contracts = handlerContracts({ plugins: [textPlugin] })
    const { name, version } = JSON.parse(read('package.json')) as { name: string; version: string }
    expect(contracts.map((contract) => contract.name)).toEqual(['text.slug', 'text.fill', 'text.diff'])
    for (const contract of contracts) {
      expect(contract).toMatchObject({ version, effect: 'pure', plugin: { name, version } })
      expect(contract).toMatchObject({ input: { type: 'object' }, output: { type: 'object' } })
    }
  })

  test('has what the workflow calls, and the workflow calls all of it', () => {
    const text = read('notice.segno.yaml')
    expect(loadWorkflow(text, { handlers: handlerNames({ plugins: [textPlugin] }) }).diagnostics).toEqual([])
    for (const name of handlerNames({ plugins: [textPlugin] })) expect(text).toContain(`uses: ${name}`)
  })
})

describe('a program of its own', () => {
  const store = mkdtempSync(join(tmpdir(), 'plugin-text-'))
  afterAll(() => rmSync(store, { recursive: true }))
  const node = (...argv: string[]) =>
    promisify(execFile)(process.execPath, ['--conditions=@segno/source', ...argv], { cwd: here })
  const command = join(here, '../../packages/cli/src/main.ts')

  test('is the command, which takes the plugin from segno.config.ts by its name', async () => {
    const inputs = ['title=Terms of the shop', 'since=2026-01-01', 'before@terms/2025.txt', 'after@terms/2026.txt']
    const given = inputs.flatMap((input) => ['-i', input])
    const { stdout } = await node(command, 'run', 'notice.segno.yaml', ...given, '--store', store, '-o', 'json')
    const file = 'terms-of-the-shop-since-2026-01-01.txt'
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', output: { file, notice } })
  })

  test('is segno doctor, which lists what the plugin brings', async () => {
    const { stdout } = await node(command, 'doctor', '--store', store)
    expect(stdout).toContain('plugin      @segno-examples/plugin-text 1.0.0')
    expect(stdout).toMatch(/^ {4}text\.diff {2}1\.0\.0 {2}pure {2}input \S output$/m)
  })

  test('is a host that embeds the engine', async () => {
    const { stdout } = await node('main.ts')
    expect(stdout).toContain('text.slug 1.0.0, pure: Makes a name for a file')
    expect(stdout).toContain(`--- terms-of-the-shop-since-2026-01-01.txt\n${notice}`)
  })
})
