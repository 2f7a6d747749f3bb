import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { cutAtMarks } from '../expression/marks.ts'
import { parseSyntax } from '../expression/syntax.ts'
import { pointerPart } from '../json.ts'
import { placesWithUndo, type StepPlace } from './walk.ts'

/** Templates in scripts, programs that only a run would know, and what cannot be an argument or a variable. */
export function checkProcesses(definition: Definition): Mistake[] {
  return [...placesWithUndo(definition)].flatMap((place) => [
    ...templates(place),
    ...program(place),
    ...valuesOf(place),
  ])
}

// A value that became a part of a script would be run as one.
function templates({ step, pointer }: StepPlace): Mistake[] {
  if (!('run' in step)) return []
  return marksIn(step.run).map((at) => ({
    code: 'TEMPLATE_IN_SCRIPT',
    message: 'a script holds no ${{ }}: its value would be run as a part of the script',
    hint: 'name it in "env", and read that variable in the script',
    pointer: `${pointer}/run`,
    at,
  }))
}

function marksIn(script: string): { readonly start: number; readonly end: number }[] {
  const marks = []
  for (let start = script.indexOf('${{'); start !== -1;) {
    const close = script.indexOf('}}', start)
    const end = close === -1 ? script.length : close + 2
    marks.push({ start, end })
    start = script.indexOf('${{', end)
  }
  return marks
}

function program({ step, pointer }: StepPlace): Mistake[] {
  if (!('exec' in step) || !hasExpression(String(step.exec[0]))) return []
  const message = 'the program is written out: what a run may start is known before it starts'
  const hint = 'choose between programs with "match" or "if"'
  return [{ code: 'PROGRAM_NOT_LITERAL', message, hint, pointer: `${pointer}/exec/0` }]
}

function hasExpression(text: string): boolean {
  return cutAtMarks(text).some(({ kind }) => kind !== 'text')
}

function valuesOf({ step, pointer }: StepPlace): Mistake[] {
  const args = 'exec' in step ? step.exec.map((value, index) => [`/exec/${index}`, value] as const) : []
  const env = 'env' in step ? Object.entries(step.env ?? {}) : []
  const variables = env.map(([name, value]) => [`/env${pointerPart(name)}`, value] as const)
  return [...args, ...variables].flatMap(([place, value]) => unfit(value, pointer + place))
}

function unfit(value: string | number | boolean, pointer: string): Mistake[] {
  if (typeof value !== 'string') return []
  return cutAtMarks(value).flatMap((piece): Mistake[] => {
    const type = piece.kind === 'expression' ? literalType(piece.text) : undefined
    if (piece.kind !== 'expression' || type === undefined) return []
    const message = `expected text, a number, true or false, got ${type}`
    return [{ code: 'TYPE_MISMATCH', message, pointer, at: { start: piece.start, end: piece.end } }]
  })
}

/** What an expression is that is plainly no text, number or boolean. */
function literalType(expression: string): string | undefined {
  const parsed = parseSyntax(expression)
  if ('mistake' in parsed) return undefined
  const { op, args } = parsed.tree
  if (op === 'list') return 'a list'
  if (op === 'map') return 'a map'
  return op === 'value' && args === null ? 'null' : undefined
}
