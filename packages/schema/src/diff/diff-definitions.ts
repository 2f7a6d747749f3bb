import { stepPlaces, type StepPlace } from '../check/walk.ts'
import type { Definition } from '../definition.ts'
import { pointerKeys, type Json } from '../json.ts'
import { normalise } from '../plan/normalise.ts'
import { diffValues, type ValueChange } from './diff-values.ts'

/** What became of one step between two definitions. */
export type StepChange =
  | { readonly id: string; readonly change: 'added' | 'removed'; readonly list: string; readonly kind: string }
  | {
      readonly id: string
      readonly change: 'kept'
      /** Its own fields, without the steps inside of it: JSON Pointers into the step. */
      readonly fields: readonly ValueChange[]
      /** The list that it was in, and the one that it is in now: `loop/do`; the outermost is `steps`. */
      readonly moved?: { readonly from: string; readonly to: string }
      /** Whether only its place among its siblings is another. */
      readonly reordered: boolean
    }

/** How two definitions differ. Steps are known by their ids, wherever they stand. */
export interface DefinitionDiff {
  /** Whether they are one and the same plan. */
  readonly same: boolean
  /** Whether nothing differs but the order of steps. */
  readonly reorderOnly: boolean
  /** All but the steps: name, inputs, outputs, limits. JSON Pointers into the definition. */
  readonly header: readonly ValueChange[]
  /** Steps that differ, in the order of the newer definition; those that are gone come last. */
  readonly steps: readonly StepChange[]
}

/** Compares two definitions as plans are compared: how they are written makes no difference. */
export function diffDefinitions(before: Definition, after: Definition): DefinitionDiff {
  const [one, other] = [normalise(before), normalise(after)]
  const header = diffValues(headerOf(one), headerOf(other))
  const [places, newer] = [placesOf(one), placesOf(other)]
  const reordered = reorderedIn(places, newer)
  const steps = [
    ...[...newer.values()].flatMap((place) => changeOf(places.get(place.step.id), place, reordered)),
    ...[...places.values()].flatMap(({ step, kind, list }) =>
      newer.has(step.id) ? [] : [{ id: step.id, change: 'removed' as const, list: nameOfList(list), kind }],
    ),
  ]
  const isOrder = (change: StepChange): boolean =>
    change.change === 'kept' && change.reordered && change.fields.length === 0 && change.moved === undefined
  const same = header.length === 0 && steps.length === 0
  return { same, reorderOnly: !same && header.length === 0 && steps.every(isOrder), header, steps }
}

function headerOf(definition: Definition): Json {
  const { steps: _, finally: __, ...header } = definition
  return header as unknown as Json
}

function placesOf(definition: Definition): ReadonlyMap<string, StepPlace> {
  return new Map(stepPlaces(definition).map((place) => [place.step.id, place]))
}

function changeOf(
  before: StepPlace | undefined,
  after: StepPlace,
  reordered: ReadonlySet<string>,
): readonly StepChange[] {
  const { step, kind, list } = after
  const { id } = step
  const to = nameOfList(list)
  if (before === undefined) return [{ id, change: 'added', list: to, kind }]
  const fields = diffValues(ownFields(before), ownFields(after))
  const from = nameOfList(before.list)
  const isMoved = from !== to
  if (fields.length === 0 && !isMoved && !reordered.has(id)) return []
  return [{ id, change: 'kept', fields, ...(isMoved && { moved: { from, to } }), reordered: reordered.has(id) }]
}

// The block by its id, not by its place: a step stays where it is when its block moves.
function nameOfList({ owner, pointer, role }: StepPlace['list']): string {
  if (owner === undefined) return role
  return `${owner.step.id}/${pointerKeys(pointer.slice(owner.pointer.length)).join('/')}`
}

// What stands in the lists of a block is compared step by step.
function ownFields(place: StepPlace): Json {
  const step = JSON.parse(JSON.stringify(place.step)) as Json
  for (const { pointer } of place.lists) {
    const keys = pointerKeys(pointer.slice(place.pointer.length))
    const last = keys.pop() ?? ''
    const holder = keys.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>>)[key], step)
    ;(holder as Record<string, unknown>)[last] = []
  }
  return step
}

// Of the steps that both have in a list, the longest run that has kept its order stays; the others were reordered.
function reorderedIn(
  before: ReadonlyMap<string, StepPlace>,
  after: ReadonlyMap<string, StepPlace>,
): ReadonlySet<string> {
  const lists = new Map<string, string[]>()
  for (const [id, { list }] of after) {
    const name = nameOfList(list)
    const old = before.get(id)
    if (old !== undefined && nameOfList(old.list) === name) lists.set(name, [...(lists.get(name) ?? []), id])
  }
  const places = new Map([...before.keys()].map((id, index) => [id, index]))
  const moved = [...lists.values()].flatMap((ids) => {
    const kept = new Set(longestIncreasing(ids.map((id) => places.get(id) ?? 0)))
    return ids.filter((_, index) => !kept.has(index))
  })
  return new Set(moved)
}

/** The positions of a longest increasing subsequence. */
function longestIncreasing(values: readonly number[]): readonly number[] {
  const tails: number[] = []
  const previous: number[] = []
  for (const [index, value] of values.entries()) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    previous[index] = low === 0 ? -1 : (tails[low - 1] ?? -1)
    tails[low] = index
  }
  const found: number[] = []
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) found.push(at)
  return found.toReversed()
}
