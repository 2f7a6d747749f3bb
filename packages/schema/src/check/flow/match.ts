import type { MatchStep } from '../../definition.ts'
import { mistakeInside, type Mistake } from '../../diagnostic/mistake.ts'
import { suggestion } from '../../diagnostic/suggest.ts'
import type { SyntaxNode, Literal } from '../../expression/syntax-node.ts'
import { syntaxOf } from '../../expression/parse.ts'
import { stripMarks } from '../../expression/template.ts'
import { pointerPart } from '../../json.ts'
import type { Environment } from '../../type/environment.ts'
import { literalsOf } from '../../type/literals-of.ts'
import { narrow } from '../../type/narrow.ts'
import { scalarType } from '../../type/scalar.ts'
import { nullType, type Type } from '../../type/type.ts'
import { union } from '../../type/union.ts'
import { wordsOf } from '../../type/words.ts'
import type { StepPlace } from '../walk.ts'
import { endOfBranches } from './branches.ts'
import { listOf } from './list-of.ts'
import type { Flow, WalkedBlock } from './flow.ts'

const matchedType = union([scalarType, nullType])

/** A `match`: each case sees what its value proves. */
export function walkMatch(flow: Flow, place: StepPlace, step: MatchStep, at: Environment): WalkedBlock {
  const { pointer } = place
  flow.fields(place, at, new Set(['match']))
  const type = flow.slot(`${pointer}/match`, step.match, at, matchedType)
  const values = literalsOf(type)
  const isExhaustive = notExhaustive(step, Object.keys(step.cases), { type, values }).length === 0
  if (at.isPossible) tell(flow, place, step, { type, values })
  const tree = typeof step.match === 'string' ? syntaxOf(stripMarks(step.match).text) : undefined
  let rest = at
  const branches = Object.keys(step.cases).map((key) => {
    const [value] = values === undefined ? valuesOf(key, type) : values.filter((one) => String(one) === key)
    // A case that nothing can be is told; what stands in it is looked at all the same.
    const isPossible = value !== undefined && tree !== undefined
    const from = isPossible ? narrow(equals(tree, value), at, true) : at
    if (isPossible) rest = narrow(equals(tree, value), rest, false)
    return flow.list(listOf(place, `/cases${pointerPart(key)}`), from)
  })
  if (step.default !== undefined) branches.push(flow.list(listOf(place, '/default'), rest))
  const block = endOfBranches(flow, place, branches, { at, output: step.output })
  // What has no case is meant to get one, so nothing is proved by there being none.
  return isExhaustive ? block : { ...block, after: at }
}

function equals(tree: SyntaxNode, value: Literal): SyntaxNode {
  const { start, end } = tree
  return { op: '==', args: [tree, { op: 'value', args: value, start, end }], start, end }
}

// A key is text, and compares as text with a number.
function valuesOf(key: string, type: Type): readonly Literal[] {
  const members = type.kind === 'union' ? type.members : [type]
  if (members.some(({ kind }) => kind === 'text')) return [key]
  const number = Number(key)
  return members.some(({ kind }) => kind === 'number') && String(number) === key ? [number] : []
}

interface Matched {
  readonly type: Type
  readonly values: readonly Literal[] | undefined
}

function tell(flow: Flow, { pointer }: StepPlace, step: MatchStep, { type, values }: Matched): void {
  const keys = Object.keys(step.cases)
  for (const mistake of [...notExhaustive(step, keys, { type, values }), ...impossible(keys, values)]) {
    flow.told.mistake(mistakeInside(mistake, pointer))
  }
}

function notExhaustive(step: MatchStep, keys: readonly string[], { type, values }: Matched): Mistake[] {
  if (step.default !== undefined || type.kind === 'any' || type.kind === 'never') return []
  const place = { code: 'MATCH_NOT_EXHAUSTIVE', pointer: '/match', hint: 'add the cases, or a "default"' } as const
  if (values === undefined) {
    return [{ ...place, message: `the cases cannot be all values of ${wordsOf(type)}`, hint: 'add a "default"' }]
  }
  const missing = values.map(String).filter((value) => !keys.includes(value))
  if (missing.length === 0) return []
  const message = `no case for ${missing.map((value) => `"${value}"`).join(', ')}`
  const fix = {
    title: missing.length === 1 ? `add the case "${missing[0]}"` : 'add the missing cases',
    edits: missing.map((value) => ({ op: 'add' as const, pointer: `/cases${pointerPart(value)}`, value: [] })),
    // Whether nothing is to be done there, only its author knows.
    isSafe: false,
  }
  const found = keys.map((key) => `"${key}"`).join(', ') || 'no cases'
  return [{ ...place, message, expected: wordsOf(type), found, fixes: [fix] }]
}

function impossible(keys: readonly string[], values: readonly Literal[] | undefined): Mistake[] {
  if (values === undefined) return []
  const known = values.map(String)
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => ({
      code: 'IMPOSSIBLE_COMPARISON',
      message: `the value is never "${key}"`,
      hint: `it is one of ${known.map((value) => `"${value}"`).join(', ')}`,
      ...suggestion(
        key,
        known.filter((value) => !keys.includes(value)),
      ),
      pointer: `/cases${pointerPart(key)}`,
      at: 'key',
    }))
}
