import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync, lstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
import { segno as segnoIn, writeFiles, type Ended } from './process.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-fix-'))
afterAll(() => rmSync(folder, { recursive: true }))

const wrong = [
  '\ufeffsegno: 1',
  'name: main # the main one',
  'imports: { child: child.segno.yaml, gone: child.segno.yaml }',
  'steps:',
  '  - id: build',
  "    title: 'Build' # it",
  '    retyr: { max: "2" }',
  '    exec: npm run build',
  '  # then',
  '  - { id: test, needs: [build], call: chidl, with: { text: "${{ steps.buidl.output }}" } }',
  '',
].join('\r\n')

const right = wrong
  .replace(', gone: child.segno.yaml', '')
  .replace('retyr: { max: "2" }', 'retry: { max: 2 }')
  .replace('npm run build', '[npm, run, build]\r\n    output: { from: stdout }')
  .replace('needs: [build], ', '')
  .replace('chidl', 'child')
  .replace('buidl', 'build')

const child = `segno: 1
name: child
input: { text: { type: string } }
steps: [{ id: a, set: { x: "\${{ input.txet }}" } }]
`

/** The command in a folder with these files, a new one each time. */
function play(files: Readonly<Record<string, string>>): {
  readonly cwd: string
  readonly segno: (line: string) => Promise<Ended>
} {
  const cwd = mkdtempSync(join(folder, 'case-'))
  writeFiles(cwd, files)
  return { cwd, segno: (line) => segnoIn(line, { cwd }) }
}

describe.concurrent('segno validate --fix', { timeout: 120_000 }, () => {
  test('puts right what is sure, in as many passes as it takes, and leaves every other byte', async ({ expect }) => {
    const { cwd, segno } = play({ 'main.segno.yaml': wrong, 'child.segno.yaml': child })
    const { code, stdout, stderr } = await segno('validate --fix main.segno.yaml child.segno.yaml')
    expect(readFileSync(join(cwd, 'main.segno.yaml'), 'utf8')).toBe(right)
    expect(readFileSync(join(cwd, 'child.segno.yaml'), 'utf8')).toBe(child.replace('txet', 'text'))
    expect(stderr).toContain('fixed main.segno.yaml\n--- a/main.segno.yaml\n+++ b/main.segno.yaml\n@@ -')
    expect(stderr).toContain('-    retyr: { max: "2" }')
    expect(stdout).toContain('2 files, all valid')
    expect(code).toBe(0)
  })

  test('changes no file that it was not given, and tells what is left', async ({ expect }) => {
    const { cwd, segno } = play({ 'main.segno.yaml': wrong, 'child.segno.yaml': child })
    const { code, stdout } = await segno('validate --fix main.segno.yaml')
    expect(readFileSync(join(cwd, 'child.segno.yaml'), 'utf8')).toBe(child)
    expect(stdout).toContain('error[UNKNOWN_INPUT] there is no input "txet"')
    expect(stdout).not.toContain('UNKNOWN_KEY')
    expect(code).toBe(3)
  })

  test('--dry-run prints a diff that can be applied, and writes nothing', async ({ expect }) => {
    const { cwd, segno } = play({ 'child.segno.yaml': child })
    const { code, stdout } = await segno('validate --fix --dry-run child.segno.yaml')
    expect(stdout).toBe(`--- a/child.segno.yaml
+++ b/child.segno.yaml
@@ -2,3 +2,3 @@
 name: child
 input: { text: { type: string } }
-steps: [{ id: a, set: { x: "\${{ input.txet }}" } }]
+steps: [{ id: a, set: { x: "\${{ input.text }}" } }]
`)
    expect(code).toBe(0)
    expect(readFileSync(join(cwd, 'child.segno.yaml'), 'utf8')).toBe(child)
  })

  test('leaves what two edits could mean to its author', async ({ expect }) => {
    const text = `segno: 1
name: both
input: { left: { type: string }, lift: { type: string } }
steps: [{ id: a, set: { x: "\${{ input.lxft }}" } }]
`
    const { cwd, segno } = play({ 'both.segno.yaml': text })
    const { code, stdout, stderr } = await segno('validate --fix both.segno.yaml')
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
    expect(stdout).toContain('did you mean "left" or "lift"?')
    expect(readFileSync(join(cwd, 'both.segno.yaml'), 'utf8')).toBe(text)
  })

  test('tells in JSON what was done', async ({ expect }) => {
    const { segno } = play({ 'child.segno.yaml': child })
    const { stdout } = await segno('validate --fix child.segno.yaml -o json')
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ v: 1, valid: true },
      files: [{ file: 'child.segno.yaml', fixed: ['change to "text"'], diagnostics: [] }],
    })
  })

  test('changes the file that a link leads to, and keeps its mode', async ({ expect }) => {
    const { cwd, segno } = play({ 'real.yaml': child })
    chmodSync(join(cwd, 'real.yaml'), 0o640)
    symlinkSync('real.yaml', join(cwd, 'link.segno.yaml'))
    await segno('validate --fix link.segno.yaml')
    expect(lstatSync(join(cwd, 'link.segno.yaml')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(cwd, 'real.yaml'), 'utf8')).toContain('input.text')
    expect(statSync(join(cwd, 'real.yaml')).mode & 0o777).toBe(0o640)
  })

  test('leaves a file alone that is not UTF-8', async ({ expect }) => {
    const { cwd, segno } = play({})
    const bytes = Buffer.concat([Buffer.from('# '), Buffer.from([0xff]), Buffer.from(`\n${child}`)])
    writeFileSync(join(cwd, 'latin.segno.yaml'), bytes)
    const { code, stderr } = await segno('validate --fix latin.segno.yaml')
    expect(code).toBe(2)
    expect(stderr).toContain('error[FILE_UNWRITABLE]')
    expect(readFileSync(join(cwd, 'latin.segno.yaml')).equals(bytes)).toBe(true)
  })
})
