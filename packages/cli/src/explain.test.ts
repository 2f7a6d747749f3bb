import { diagnosticCodes, errorCodes, failureCodes, loadWorkflow, storageFaultCodes } from 'segno'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { explanationsFile, explanationsText } from '../test/docs/explanations.ts'
import { root } from '../test/docs/page.ts'
import { commandErrorCodes } from './command-error.ts'
import { examples } from './explain/examples.ts'
import { explanationOf, explanations, nearestCode } from './explain/explanation.ts'
import { segno } from './process.fixture.ts'

const cwd = import.meta.dirname

test('what is told is what the page about errors says', () => {
  const file = readFileSync(root + explanationsFile, 'utf8')
  expect(file, 'npm run explanations -w segno writes it anew').toBe(explanationsText())
})

test('there is an explanation of every code', () => {
  const lists = [
    ...([['diagnostic', diagnosticCodes] as const, ['failure', failureCodes] as const] as const),
    ...([['error', errorCodes] as const, ['storage fault', storageFaultCodes] as const] as const),
    ['command', commandErrorCodes] as const,
  ]
  for (const [kind, codes] of lists) {
    for (const code of Object.keys(codes)) expect(explanationOf(code, kind), `${kind} ${code}`).toBeDefined()
  }
})

const head = 'segno: 1\nname: example\n'
const codesOf = (text: string): string[] => loadWorkflow(head + text).diagnostics.map(({ code }) => code)

test.for([...examples])('the wrong example of %s is wrong, and the right one is right', ([code, { wrong, right }]) => {
  expect(codesOf(wrong)).toContain(code)
  expect(codesOf(right)).toEqual([])
})

test('every example is of a code that there is', () => {
  for (const code of examples.keys()) expect(explanationOf(code, 'diagnostic')?.example).toBeDefined()
})

test('the code that was meant is found', () => {
  expect(nearestCode('unknwon-step')).toBe('UNKNOWN_STEP')
  expect(nearestCode('xyz')).toBeUndefined()
})

describe.concurrent('segno explain', { timeout: 60_000 }, () => {
  test('tells what a code means, why it comes, what to do, and shows it', async () => {
    const { code, stdout } = await segno('explain misplaced_needs', { cwd })
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `MISPLACED_NEEDS  a diagnostic

\`needs\` stands outside \`parallel\`.

Why it happens
  Steps of every other list run one after the other anyway.

What to do
  Remove it, or put the steps into \`parallel\`.

Wrong
  steps:
    - { id: build, run: make }
    - { id: test, needs: [build], run: make test }

Right
  steps:
    - { id: build, run: make }
    - { id: test, run: make test }
`,
    })
  })

  test('tells a code of several kinds with each', async () => {
    const { stdout } = await segno('explain error[TYPE_MISMATCH] -o json', { cwd })
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      codes: [
        { code: 'TYPE_MISMATCH', kind: 'diagnostic', severity: 'error', docUrl: 'docs/09-errors.md#type_mismatch' },
        { code: 'TYPE_MISMATCH', kind: 'failure', docUrl: 'docs/09-errors.md#failure-type_mismatch' },
      ],
    })
  })

  test('lists all codes', async () => {
    const { stdout } = await segno('explain', { cwd })
    for (const { code } of explanations) expect(stdout).toContain(`  ${code} `)
    expect(stdout).toContain('\nStorage faults: what a storage rejects with\n')
  })

  test('ends with 2 where there is no such code', async () => {
    const { code, stderr } = await segno('explain UNKNOWN_STPE', { cwd })
    expect(code).toBe(2)
    expect(stderr).toBe('error[USAGE] there is no code "UNKNOWN_STPE"\n  did you mean segno explain UNKNOWN_STEP?\n')
  })
})
