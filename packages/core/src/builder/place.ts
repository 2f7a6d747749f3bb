import type { Json, Step } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { AnyHandler } from '../runtime/handler.ts'
import { namesIn } from './node.ts'
import type { NameNode, Node } from './node.ts'
import { isPlainObject, nodeOf, referenceOf } from './reference-of.ts'
import type { Ref } from './reference.ts'
import { slotOf, templateOf } from './template.ts'
import type { TypedWorkflow } from './typed-workflow.ts'

/** What is collected while one workflow is built. */
export interface Building {
  readonly handlers: Map<string, AnyHandler>
  readonly imports: Map<string, TypedWorkflow>
  /** Where each step was written. */
  readonly sites: Map<object, string>
  /** Ids in lower case. */
  readonly ids: Set<string>
  /** The names of what the workflow gives. */
  readonly outputs: readonly string[]
  /** What the callbacks of blocks get: the verbs of their list. */
  readonly scopeOf: (place: Place) => object
}

/** A list of steps that is being written, and the names that its expressions see. */
export interface Place {
  readonly building: Building
  readonly around: Place | undefined
  /** Who gives each name: a loop, a clause, the workflow. */
  readonly names: ReadonlyMap<string, object>
  readonly steps: Step[]
  /** `inside` while a block in it is being written. */
  state: 'open' | 'inside' | 'closed'
}

/** A list of steps inside of another, which waits meanwhile. */
export function placeInside(around: Place, names: ReadonlyMap<string, object> = new Map()): Place {
  return { building: around.building, around, names, steps: [], state: 'open' }
}

/** The verbs of a list. */
export function scopeOf(place: Place): object {
  return place.building.scopeOf(place)
}

/** Adds a step to the list. */
export function addStep(place: Place, step: Step, site: string | undefined): void {
  assertOpen(place, step.id)
  const { sites, ids } = place.building
  place.steps.push(step)
  ids.add(step.id.toLowerCase())
  if (site !== undefined) sites.set(step, site)
}

/** Throws unless steps can be added now. */
export function assertOpen({ state }: Place, id: string): void {
  if (state === 'open') return
  const what =
    state === 'inside'
      ? 'its `w` is that of a list outside of the block that is being written: take the argument of the callback'
      : 'its list has been written already'
  throw new SegnoError('ARGUMENT_INVALID', `The step ${JSON.stringify(id)} cannot be added: ${what}`)
}

/** What the steps of a list can be read by. */
export function outputOf<T>(id: string): Ref<T> {
  return referenceOf<T>({ kind: 'field', of: stepNode(id), key: 'output' }, id)
}

/** `steps.x`. */
export function stepNode(id: string): Node {
  return { kind: 'field', of: { kind: 'name', name: 'steps' }, key: id }
}

/** A value of a program as the definition has it. Throws where it holds a name that is not seen here. */
export function template(place: Place, value: unknown): Json {
  for (const node of nodesIn(value)) assertSeen(place, node)
  return templateOf(value)
}

/** The same for a slot that is an expression by itself. */
export function slot(place: Place, value: unknown): string | boolean {
  for (const node of nodesIn(value)) assertSeen(place, node)
  return slotOf(value)
}

/** The outputs of the workflow one by one, also where one reference gives all of them. */
export function mapOf({ outputs }: Building, given: unknown): Readonly<Record<string, unknown>> {
  const of = nodeOf(given)
  if (of !== undefined) return Object.fromEntries(outputs.map((key) => [key, referenceOf({ kind: 'field', of, key })]))
  if (isPlainObject(given)) return given
  throw new SegnoError('ARGUMENT_INVALID', 'The outputs of a workflow are a map, or a reference to one')
}

/** A name that is not taken by a block around. */
export function freeName(place: Place, wanted: string): string {
  let name = wanted
  for (let count = 2; seen(place, name) !== undefined; count++) name = `${wanted}${count}`
  return name
}

/** An id for a step that nobody has written, after that of its block. */
export function freeId({ building: { ids } }: Place, wanted: string): string {
  const base = wanted.replaceAll(/\W/g, '_').slice(0, 60)
  let id = base
  for (let count = 2; ids.has(id.toLowerCase()); count++) id = `${base}_${count}`
  return id
}

function nodesIn(value: unknown): readonly Node[] {
  const node = nodeOf(value)
  if (node !== undefined) return [node]
  if (Array.isArray(value)) return value.flatMap(nodesIn)
  return isPlainObject(value) ? Object.values(value).flatMap(nodesIn) : []
}

// A name that an inner block gives anew would be read as that one.
function assertSeen(place: Place, node: Node): void {
  for (const { name, owner } of namesIn(node)) {
    if (owner === undefined || seen(place, name) === owner) continue
    const hidden = seen(place, name) === undefined ? 'is not seen here' : 'is hidden by that of an inner block here'
    const hint = 'keep it in a `set` step, or name it otherwise with `as`'
    throw new SegnoError('ARGUMENT_INVALID', `\`${name}\` of a block ${hidden}: ${hint}`)
  }
}

function seen(place: Place | undefined, name: string): object | undefined {
  for (let at = place; at !== undefined; at = at.around) {
    const owner = at.names.get(name)
    if (owner !== undefined) return owner
  }
  return undefined
}

/** A name that a block gives to its inside. */
export function ownedName<T>(name: string, owner: object): Ref<T> {
  const node: NameNode = { kind: 'name', name, owner }
  return referenceOf<T>(node)
}
