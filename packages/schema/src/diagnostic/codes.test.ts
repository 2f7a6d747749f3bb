import { expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'
import { parseDefinition } from '../parse/plain.ts'
import { diagnosticCodes, type DiagnosticCode } from './diagnostic.ts'

const head = 'segno: 1\nname: test\n'
const steps = (...lines: readonly string[]): string => `${head}steps:\n${lines.map((line) => `  ${line}\n`).join('')}`
const one = (step: string): string => steps(`- { id: a, ${step} }`)
const nested = (depth: number): string => {
  if (depth === 0) return '[]'
  return `[{ id: ${depth === 1 ? '▸' : ''}d${depth}, do: ${nested(depth - 1)} }]`
}

const taking = (schema: string, step: string): string => `input: { x: { ${schema} } }\n${one(step)}`
const machine = (states: string): string => one(`states: ${states}, initial: a`)
const importing = (path: string): string => `${head}imports: { other: ${path} }\nsteps: [{ id: a, call: other }]\n`

// What can be imported.
const library: Readonly<Record<string, string>> = {
  'child.yaml': `${head}input: { text: { type: string } }\n${steps('- { id: a, set: {} }').slice(head.length)}`,
  'broken.yaml': one('set: {}, titel: x'),
  'large.yaml': one(`set: { x: "${'x'.repeat(250_000)}" }`),
}

const large = Array.from({ length: 17 }, (_, index) => `i${index}: large.yaml`).join(', ')
const called = Array.from({ length: 17 }, (_, index) => `- { id: s${index}, call: i${index} }`)

// Texts with one mistake each, at the mark. `NOT_JSON` cannot come from a text; the last test but two gives it.
// `IMPORT_INVALID` never comes alone, and stands beside `IMPORT_TOO_DEEP`.
const examples: Readonly<Record<Exclude<DiagnosticCode, 'NOT_JSON' | 'IMPORT_INVALID' | 'IMPORT_TOO_DEEP'>, string>> = {
  DOCUMENT_TOO_LARGE: `▸${one('set: {}')}#${'x'.repeat(300 * 1024)}`,
  YAML_SYNTAX: one('set: { x: "1" ▸"2" }'),
  YAML_FEATURE: one('set: { x: ▸&anchor 1 }'),
  TOO_DEEP: one(`set: { x: ${'['.repeat(62)}▸${'['.repeat(18)}${']'.repeat(80)} }`),
  TOO_MANY_NODES: one(`set: { x: [${'1,'.repeat(19_986)}▸1${',1'.repeat(500)}] }`),
  DUPLICATE_KEY: one('set: { x: 1, ▸x: 2 }'),
  FORBIDDEN_KEY: one('set: { ▸__proto__: 1 }'),
  KEY_NOT_TEXT: one('set: { ▸1: 1 }'),
  NUMBER_OUT_OF_RANGE: one('set: { x: ▸12345678901234567890 }'),
  TEXT_NOT_UNICODE: one('set: { x: ▸"\\ud800" }'),
  UNKNOWN_KEY: one('set: {}, ▸titel: x'),
  MISSING_KEY: steps('- ▸set: {}'),
  INVALID_VALUE: one('sleep: ▸5'),
  NO_VERB: steps('- ▸{ id: a, title: x }'),
  TWO_VERBS: steps('- ▸{ id: a, set: {}, uses: b }'),
  DUPLICATE_ID: steps('- { id: a, set: {} }', '- { id: ▸A, set: {} }'),
  RESERVED_NAME: steps('- { id: ▸in, set: {} }'),
  EXPRESSION_SYNTAX: one('set: { x: "${{ 1 + ▸* 2 }}" }'),
  UNKNOWN_STEP: steps('- { id: build, set: {} }', '- { id: b, set: { x: "${{ steps.▸buidl.output }}" } }'),
  UNKNOWN_INPUT: one('set: { x: "${{ input.▸x }}" }'),
  UNKNOWN_VARIABLE: one('set: { x: "${{ ▸item }}" }'),
  UNKNOWN_FIELD: one('set: { x: "${{ run.▸name }}" }'),
  STEP_MAY_NOT_HAVE_RUN: steps(
    '- { id: a, if: size(run.id) > 3, set: {} }',
    '- { id: b, set: { x: "${{ steps.a.▸output }}" } }',
  ),
  MAYBE_MISSING: taking('type: string, optional: true', 'set: { x: "${{ input.▸x }}" }'),
  MAYBE_NULL: taking('type: [object, "null"], properties: { y: {} }', 'if: input.▸x.y == 1, set: {}'),
  WRONG_OPERAND: one('set: { x: "${{ ▸1 - run.id }}" }'),
  IMPOSSIBLE_COMPARISON: taking('enum: [yes, no]', 'assert: input.x == ▸"maybe"'),
  CONSTANT_CONDITION: one('if: ▸has(run.id), set: {}'),
  UNTYPED_VALUE: taking('title: Anything', 'set: { x: "${{ input.x.▸y }}" }'),
  MATCH_NOT_EXHAUSTIVE: taking('enum: [yes, no]', 'match: ▸input.x, cases: { yes: [] }'),
  UNREACHABLE_STEP: steps('- { id: a, fail: { code: A, message: a } }', '- { id: ▸b, set: {} }'),
  OUTPUT_NOT_DECLARED: steps('- { id: a, exec: [x] }', '- { id: b, set: { x: "${{ steps.a.▸output }}" } }'),
  IMPORT_NOT_FOUND: importing('▸none.yaml'),
  IMPORT_CYCLE: importing('▸main.yaml'),
  IMPORT_TOO_LARGE: `imports: { ${large.replace('i16: ', 'i16: ▸')} }\n${steps(...called)}`,
  UNKNOWN_IMPORT: one('call: ▸other'),
  UNUSED_IMPORT: `imports: { ▸other: large.yaml }\n${one('set: {}')}`,
  MISSING_INPUT: importing('child.yaml').replace('call: ', 'call: ▸'),
  UNKNOWN_STATE: machine('{ a: { on: { go: { to: ▸b } } } }'),
  UNREACHABLE_STATE: machine('{ a: {}, ▸b: {} }'),
  UNREACHABLE_TRANSITION: machine('{ a: { on: { go: [{ to: a }, ▸{ to: a }] } } }'),
  DEAD_STATE: machine('{ a: { ▸next: [{ if: "1 > 2", to: a }] } }'),
  UNKNOWN_AGENT: one('check: { by: { agent: ▸reader } }, uses: pay'),
  UNKNOWN_ARTIFACT: one('consumes: [▸design], uses: pay'),
  REPLY_TO_NO_SIGNAL: steps('- { id: a, set: {} }', '- { id: b, emit: { reply: ▸a } }'),
  STEP_OUT_OF_SCOPE: steps('- { id: a, set: { x: "${{ steps.▸b.output }}" } }', '- { id: b, set: {} }'),
  MISPLACED_NEEDS: steps('- { id: a, set: {} }', '- { id: b, set: {}, ▸needs: [a] }'),
  NEEDS_CYCLE: one('parallel: [{ id: b, needs: [c], set: {} }, { id: c, needs: [▸b], set: {} }]'),
  JOIN_UNSATISFIABLE: one('parallel: [], join: { atLeast: ▸1 }'),
  LOOP_CONDITION: one('▸repeat: { max: 1 }, do: []'),
  MISPLACED_RETURN: one('forEach: { in: [] }, do: [{ id: r, ▸return: {} }]'),
  RETURN_OUTPUTS: one('return: { ▸verdict: 1 }'),
  OUTPUT_WITHOUT_VALUE: `${head}output: { ▸x: { type: string } }\nsteps: [{ id: a, set: {} }]\n`,
  MISPLACED_PATH_RULE: `${head}input: { x: { type: string, ▸under: docs } }\nsteps: [{ id: a, set: {} }]\n`,
  RETRY_ONCE: one('uses: pay, effect: ▸once, retry: { max: 1 }'),
  NESTING_TOO_DEEP: `${head}steps: ${nested(17)}\n`,
  UNKNOWN_HANDLER: one('uses: ▸send'),
  NOT_SUPPORTED: one('uses: pay, ▸queue: { concurrency: 1 }'),
  TEMPLATE_IN_SCRIPT: one('run: "echo ▸${{ run.id }}"'),
  PROGRAM_NOT_LITERAL: one('exec: [▸"${{ run.id }}", x]'),
  TYPE_MISMATCH: one('exec: [echo, "${{ ▸[1] }}"]'),
  IMPOSSIBLE_SCHEMA: `${head}input: { x: { type: object, ▸enum: [green] } }\nsteps: [{ id: a, set: {} }]\n`,
  UNKNOWN_SECRET: one('exec: [echo], env: { A: "${{ secrets.▸KEY }}" }'),
  SECRET_MISPLACED: `secrets: [KEY]\n${one('exec: [echo, "${{ ▸secrets.KEY }}"]')}`,
  UNUSED_SECRET: `secrets: [▸KEY]\n${one('set: {}')}`,
  SECRET_IN_PLAIN_TEXT: one(`exec: [echo], env: { A: "Bearer ▸ghp_${'a1B2'.repeat(9)}" }`),
  WAIT_WITHOUT_END: one('▸waitFor: { signal: go }'),
}

test.for(Object.entries(examples))('%s is told once, at its place', ([code, marked]) => {
  const before = marked.slice(0, marked.indexOf('▸')).split('\n')
  // What nobody supports yet is no second mistake there.
  const isKnown = code !== 'UNKNOWN_AGENT' && code !== 'UNKNOWN_ARTIFACT'
  const { diagnostics } = loadWorkflow(marked.replace('▸', ''), {
    file: 'main.yaml',
    read: (path) => library[path],
    typed: code === 'UNTYPED_VALUE',
    ...(isKnown && { handlers: ['pay', 'exec', 'run'] }),
  })
  expect(diagnostics).toMatchObject([
    { code, range: { start: { line: before.length, column: (before.at(-1) ?? '').length + 1 } } },
  ])
})

test('a value that is not JSON is told by its pointer', () => {
  const { diagnostics } = parseDefinition({ segno: 1, name: 'test', steps: [{ id: 'a', set: { x: () => 1 } }] })
  expect(diagnostics).toMatchObject([{ code: 'NOT_JSON', pointer: '/steps/0/set/x' }])
})

test('a workflow that is imported and has errors is told, and so are they', () => {
  const { diagnostics } = loadWorkflow(importing('broken.yaml'), { file: 'main.yaml', read: (path) => library[path] })
  expect(diagnostics).toMatchObject([
    { code: 'IMPORT_INVALID', file: 'main.yaml', range: { start: { line: 3, column: 19 } } },
    { code: 'UNKNOWN_KEY', file: 'broken.yaml', range: { start: { line: 4, column: 23 } } },
  ])
})

test('every code has a meaning that is a sentence', () => {
  for (const meaning of Object.values(diagnosticCodes)) expect(meaning).toMatch(/^[A-Z`].*\.$/)
})
