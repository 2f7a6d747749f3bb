import { describe, expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'
import { parseDefinition } from '../parse/plain.ts'
import type { Diagnostic } from './diagnostic.ts'
import { formatDiagnostics } from './frame.ts'

const text = `segno: 1
name: release
steps:
  - id: build
    set: {}
  - id: test
    retyr: { max: 5 }
    uses: run-tests
    with: { tag: "\${{ steps.buidl.output.tag }}" }
`

describe('the code frame', () => {
  test('shows each line between its neighbours, with the place underlined and the hint beside it', () => {
    const { diagnostics } = loadWorkflow(text, { file: 'release.segno.yaml' })
    expect(formatDiagnostics(diagnostics, { text })).toBe(`error[UNKNOWN_KEY] unknown key "retyr"
  --> release.segno.yaml:7:5
  6 |   - id: test
> 7 |     retyr: { max: 5 }
    |     ^^^^^ did you mean "retry"?
  8 |     uses: run-tests

error[UNKNOWN_STEP] there is no step "buidl"
  --> release.segno.yaml:9:29
   8 |     uses: run-tests
>  9 |     with: { tag: "\${{ steps.buidl.output.tag }}" }
     |                             ^^^^^ did you mean "build"?`)
  })

  test('shows the lines of the file that a diagnostic is about', () => {
    const main = 'segno: 1\nname: a\nimports: { b: b.yaml }\nsteps: [{ id: a, call: b }]\n'
    const { diagnostics, files } = loadWorkflow(main, { file: 'a.yaml', read: () => text })
    const shown = formatDiagnostics(diagnostics, { text: main, files })
    expect(shown).toContain('> 3 | imports: { b: b.yaml }')
    expect(shown).toContain('  --> b.yaml:7:5\n  6 |   - id: test\n> 7 |     retyr: { max: 5 }')
    expect(formatDiagnostics(diagnostics.slice(1, 2))).toBe(`error[UNKNOWN_KEY] unknown key "retyr"
  --> b.yaml:7:5
  did you mean "retry"?`)
  })

  test('is a line with the pointer where there is no text', () => {
    const { diagnostics } = parseDefinition({ segno: 1, name: 'a', steps: [{ id: 'a', sett: {} }] })
    expect(formatDiagnostics(diagnostics)).toBe(`error[NO_VERB] the step has no verb
  --> /steps/0/sett
  did you mean "set"?`)
  })

  test('has colours when asked', () => {
    const { diagnostics } = loadWorkflow(text)
    expect(formatDiagnostics(diagnostics, { text, color: true })).toContain(
      '\u001b[1;31m^^^^^ did you mean "retry"?\u001b[0m',
    )
  })

  test('lets nothing of the file move the cursor of a terminal', () => {
    const hostile = `segno: 1\nname: a\nsteps: []\n"\u009b2J": 1 # \u001b[2J\u202e\n`
    const { diagnostics } = loadWorkflow(hostile)
    expect(formatDiagnostics(diagnostics, { text: hostile })).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
  })

  test('cuts a long line around the place', () => {
    const long = `segno: 1\nname: a\nsteps: [{ id: a, set: { x: "${'x'.repeat(2000)}" }, titel: b }]\n`
    const { diagnostics } = loadWorkflow(long)
    const lines = formatDiagnostics(diagnostics, { text: long }).split('\n')
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(180)
    const [shown = '', underline = ''] = lines
      .filter((line) => line.includes('titel') || line.includes('^^^^^'))
      .slice(1)
    expect(shown.slice(underline.indexOf('^'), underline.indexOf('^') + 5)).toBe('titel')
  })

  test('says what was expected and found there, where the message does not', () => {
    const [range] = loadWorkflow(text).diagnostics.flatMap((found) => found.range ?? [])
    const diagnostic: Diagnostic = {
      ...{ code: 'TYPE_MISMATCH', severity: 'error', message: 'the value does not fit', pointer: '', docUrl: '' },
      ...{ expected: 'an integer', found: 'text or null', ...(range && { range }) },
    }
    expect(formatDiagnostics([diagnostic], { text })).toBe(`error[TYPE_MISMATCH] the value does not fit
  --> 7:5
  6 |   - id: test
> 7 |     retyr: { max: 5 }
    |     ^^^^^
  8 |     uses: run-tests
    = expected an integer
    =    found text or null`)
    expect(formatDiagnostics([diagnostic])).toBe(`error[TYPE_MISMATCH] the value does not fit
  --> 7:5
  = expected an integer
  =    found text or null`)
    const said = { ...diagnostic, message: 'expected an integer, got text or null' }
    expect(formatDiagnostics([said])).not.toContain('=')
  })

  test('shows the line of another place that a mistake is about', () => {
    const twice = 'segno: 1\nname: a\nsteps:\n  - id: a\n    set: {}\n  - id: a\n    set: {}\n'
    const { diagnostics } = loadWorkflow(twice, { file: 'a.yaml' })
    expect(formatDiagnostics(diagnostics, { text: twice }))
      .toBe(`error[DUPLICATE_ID] the id "a" is taken, also ignoring case
  --> a.yaml:6:9
  5 |     set: {}
> 6 |   - id: a
    |         ^
  7 |     set: {}
note it is taken here
  --> a.yaml:4:9
> 4 |   - id: a
    |         -`)
  })

  test('shows another place in the file that it is in', () => {
    const main = `segno: 1
name: a
imports: { child: child.yaml }
steps: [{ id: b, call: child }]
`
    const child = 'segno: 1\nname: child\ninput:\n  text: { type: string }\nsteps: [{ id: s, set: {} }]\n'
    const { diagnostics, files } = loadWorkflow(main, { file: 'a.yaml', read: () => child })
    expect(formatDiagnostics(diagnostics, { text: main, files }))
      .toBe(`error[MISSING_INPUT] "child" needs the input "text"
  --> a.yaml:4:24
  3 | imports: { child: child.yaml }
> 4 | steps: [{ id: b, call: child }]
    |                        ^^^^^
note "text" is declared here
  --> child.yaml:4:3
> 4 |   text: { type: string }
    |   ----`)
    expect(diagnostics[0]?.related).toMatchObject([{ file: 'child.yaml', pointer: '/input/text' }])
  })

  test('finds another place in a workflow that stands in the place of an import', () => {
    const main = `segno: 1
name: a
imports:
  child: { segno: 1, name: child, input: { text: { type: string } }, steps: [{ id: s, set: {} }] }
steps: [{ id: b, call: child }]
`
    const { diagnostics } = loadWorkflow(main, { file: 'a.yaml' })
    expect(diagnostics[0]?.related).toMatchObject([
      { file: 'a.yaml', pointer: '/imports/child/input/text', range: { start: { line: 4, column: 44 } } },
    ])
  })
})
