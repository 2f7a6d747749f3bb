import type { ForEachStep } from '../../definition.ts'
import type { Environment } from '../../type/environment.ts'
import {
  anyType,
  integerType,
  listType,
  literalType,
  mapType,
  neverType,
  nullType,
  type ListType,
  type Type,
} from '../../type/type.ts'
import { union } from '../../type/union.ts'
import type { StepPlace } from '../walk.ts'
import { declared } from './declared.ts'
import { listOf } from './list-of.ts'
import type { Flow, WalkedBlock } from './flow.ts'
import { failureType, type Given } from './step-type.ts'

/** A `forEach`: its body sees one item, and it gives a list of what each of them gives. */
export function walkForEach(flow: Flow, place: StepPlace, step: ForEachStep, at: Environment): WalkedBlock {
  const { pointer } = place
  const { in: items, as = 'item', collect = false } = step.forEach
  flow.fields(place, at, new Set(['forEach/in']))
  const wants = listType(anyType)
  const of = typeof items === 'string' ? flow.slot.bind(flow) : flow.template.bind(flow)
  const list = of(`${pointer}/forEach/in`, items, at, wants)
  const variables = new Map<string, Type>([
    [as, itemOf(list)],
    ['index', integerType],
  ])
  const isEmpty = list.kind === 'list' && list.first.length === 0 && list.rest.kind === 'never'
  const from = isEmpty ? at.impossible() : at
  const body = flow.list(listOf(place), flow.within(from, variables))
  const given = declared(flow, pointer, step.output, body.after) ?? body.output
  const item = collect ? collected(given) : union([given.type ?? nullType, ...(given.isOptional ? [nullType] : [])])
  const isEnding = at.isPossible && !collect && list.kind === 'list' && list.first.length > 0 && !body.after.isPossible
  const output = { type: sameLength(list, item), isOptional: false }
  return { after: isEnding ? at.impossible() : at, output }
}

function itemOf(list: Type): Type {
  if (list.kind === 'union') return union(list.members.map(itemOf))
  return list.kind === 'list' ? union([...list.first, list.rest]) : anyType
}

function collected({ type, isOptional }: Given): Type {
  const output = type === undefined ? {} : { output: { type, isOptional } }
  return union([
    mapType({ ok: literalType(true), ...output }),
    mapType({ ok: literalType(false), failure: failureType() }),
  ])
}

function sameLength(list: Type, item: Type): ListType {
  if (list.kind !== 'list') return listType(item)
  return listType(
    list.rest.kind === 'never' ? neverType : item,
    list.first.map(() => item),
  )
}
