import { describe, expect, test } from 'vitest'
import { loadDefinition, loadWorkflow } from '../load.ts'

/** Codes and places of a workflow with these steps. */
function told(steps: readonly object[], more: object = {}, handlers?: readonly string[]): string[] {
  const options = handlers === undefined ? {} : { handlers }
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps, ...more }, options)
  return diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)
}

describe('a script', () => {
  test('holds no templates: each is told, at its place', () => {
    const text = `segno: 1
name: test
steps:
  - id: a
    run: |
      echo \${{ input.a }}
      cat <<END
      \${{ steps.b.output }} and $\${{ kept }}
      \${{ open
`
    const { diagnostics } = loadWorkflow(text)
    expect(diagnostics.map(({ code, range }) => `${code} ${range?.start.line}:${range?.start.column}`)).toEqual([
      'TEMPLATE_IN_SCRIPT 6:12',
      'TEMPLATE_IN_SCRIPT 8:7',
      'TEMPLATE_IN_SCRIPT 8:34',
      'TEMPLATE_IN_SCRIPT 9:7',
    ])
    expect(diagnostics[0]?.hint).toContain('"env"')
  })

  test('may hold whatever else looks like one', () => {
    expect(told([{ id: 'a', run: 'echo ${A} $(b) {{c}} "${D:-{}}" $$' }])).toEqual([])
  })

  test('keeps its lines', () => {
    const text = 'segno: 1\nname: test\nsteps:\n  - id: a\n    run: |\n      cd src\n      ls\n\n      pwd\n'
    expect(loadWorkflow(text).workflow?.definition.steps).toEqual([{ id: 'a', run: 'cd src\nls\n\npwd\n' }])
  })
})

describe('the program of an exec step', () => {
  test('is written out', () => {
    expect(
      told([
        { id: 'a', exec: ['${{ run.id }}'] },
        { id: 'b', exec: ['bin/${{ run.id }}'] },
      ]),
    ).toEqual(['PROGRAM_NOT_LITERAL /steps/0/exec/0', 'PROGRAM_NOT_LITERAL /steps/1/exec/0'])
  })

  test('may have a name that is no template', () => {
    expect(told([{ id: 'a', exec: ['$${{ odd }}'] }])).toEqual([])
  })
})

describe('an argument or a variable', () => {
  test('is text, a number or a boolean', () => {
    expect(
      told([{ id: 'a', exec: ['x', 1, true, 'a', '${{ 1 + 1 }}'], env: { A: 1, B: false, C: '${{ run.id }}' } }]),
    ).toEqual([])
  })

  test.for(['[1]', '{"a": 1}', 'null', ' [] '])('is told where it cannot be: %s', (literal) => {
    const value = `\${{${literal}}}`
    expect(told([{ id: 'a', exec: ['x', value, `a${value}`], env: { A: value } }])).toEqual([
      'TYPE_MISMATCH /steps/0/exec/1',
      'TYPE_MISMATCH /steps/0/exec/2',
      'TYPE_MISMATCH /steps/0/env/A',
    ])
  })

  test('is told in the variables of a block too', () => {
    expect(told([{ id: 'a', env: { A: '${{ null }}' }, do: [] }])).toEqual(['TYPE_MISMATCH /steps/0/env/A'])
  })

  test('may have the name of a variable that programs obey: it is declared', () => {
    expect(told([{ id: 'a', exec: ['x'], env: { LD_PRELOAD: 'x.so', NODE_OPTIONS: '--trace-warnings' } }])).toEqual([])
  })
})

describe('names in expressions', () => {
  test('are looked up in arguments, variables and the path of the output', () => {
    const step = { exec: ['x', '${{ no1 }}'], env: { A: '${{ no2 }}' }, output: { from: 'file', path: '${{ no3 }}' } }
    const block = { id: 'b', env: { B: '${{ no4 }}' }, do: [] }
    const run = { id: 'c', run: 'x', output: { from: 'files', path: '${{ no5 }}/*' } }
    expect(told([{ id: 'a', ...step }, block, run])).toEqual([
      'UNKNOWN_VARIABLE /steps/0/exec/1',
      'UNKNOWN_VARIABLE /steps/0/env/A',
      'UNKNOWN_VARIABLE /steps/0/output/path',
      'UNKNOWN_VARIABLE /steps/1/env/B',
      'UNKNOWN_VARIABLE /steps/2/output/path',
    ])
  })

  test('of a loop are not there for its variables, which are as those of the block', () => {
    expect(told([{ id: 'a', forEach: { in: [1] }, env: { A: '${{ item }}' }, do: [] }])).toEqual([
      'UNKNOWN_VARIABLE /steps/0/env/A',
    ])
  })

  const reads = (...names: readonly string[]): object => ({
    id: 'z',
    set: Object.fromEntries(names.map((name, index) => [`v${index}`, `\${{ ${name} }}`])),
  })

  test('read the exit code of processes, and of nothing else', () => {
    const steps = [
      { id: 'a', exec: ['x'] },
      { id: 'b', run: 'x' },
      { id: 'c', set: {} },
    ]
    expect(told([...steps, reads('steps.a.exitCode', 'has(steps.b.exitCode)', 'steps.c.exitCode')])).toEqual([
      'UNKNOWN_FIELD /steps/3/set/v2',
    ])
  })

  test('read the output of a process that declares one only', () => {
    const steps = [
      { id: 'a', exec: ['x'], output: { from: 'lines' } },
      { id: 'b', run: 'x' },
    ]
    expect(told([...steps, reads('steps.a.output', 'steps.b.output', 'has(steps.b.output)')])).toEqual([
      'OUTPUT_NOT_DECLARED /steps/2/set/v1',
      'OUTPUT_NOT_DECLARED /steps/2/set/v2',
    ])
  })
})

test('a process whose effect is `once` is not retried', () => {
  const once = { effect: 'once', retry: { max: 1 } }
  expect(
    told([
      { id: 'a', exec: ['x'], ...once },
      { id: 'b', run: 'x', ...once },
    ]),
  ).toEqual(['RETRY_ONCE /steps/0/effect', 'RETRY_ONCE /steps/1/effect'])
  expect(told([{ id: 'a', exec: ['x'], retry: { max: 1 } }])).toEqual([])
})

test('the rules of a path have a place in inputs only, not in the schema of an output', () => {
  const schema = { type: 'path', mustExist: true }
  expect(told([{ id: 'a', exec: ['x'], output: { from: 'stdout', schema } }])).toEqual([
    'MISPLACED_PATH_RULE /steps/0/output/schema/mustExist',
  ])
})

describe('an engine without a shell', () => {
  const steps = [
    { id: 'a', exec: ['x'] },
    { id: 'b', run: 'x' },
  ]

  test('runs no commands', () => {
    expect(told(steps, {}, ['pay'])).toEqual(['UNKNOWN_HANDLER /steps/0/exec', 'UNKNOWN_HANDLER /steps/1/run'])
  })

  test('is not assumed where it is not known what the engine has', () => {
    expect(told(steps)).toEqual([])
    expect(told(steps, {}, ['exec', 'run'])).toEqual([])
  })

  test('is not told of as a handler that was meant', () => {
    const { diagnostics } = loadDefinition(
      { segno: 1, name: 'test', steps: [{ id: 'a', uses: 'exek' }] },
      { handlers: ['exec', 'run'] },
    )
    expect(diagnostics).toMatchObject([{ code: 'UNKNOWN_HANDLER', hint: 'no handler is registered' }])
  })
})
