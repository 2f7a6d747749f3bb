import type { Step } from '@segno/schema/plan'
import { ended, isLast, outputField, settle, write } from './branch.ts'
import type { Branch } from './branch.ts'
import { callSite } from './call-site.ts'
import { provenBy } from './node.ts'
import { addStep, assertOpen, freeName, outputOf, ownedName, placeInside, scopeOf, slot, template } from './place.ts'
import type { Place } from './place.ts'
import type { Verb } from './plain-verbs.ts'
import { nodeOf, referenceOf } from './reference-of.ts'
import { stepFields } from './step-fields.ts'
import type { GivenOptions } from './work-fields.ts'

/** A callback of a block. */
type Callback = (w: object, ...given: readonly unknown[]) => unknown

/** The verbs of steps that hold others, but for state machines. */
export function blockVerbs(place: Place): Readonly<Record<string, Verb>> {
  const block = (fields: (id: string, ...given: never) => Said): Verb => blockVerb(place, fields)
  return {
    do: block((_, steps: Callback, options: GivenOptions = {}) => {
      const inside = list(place, steps)
      return { verb: { do: inside.place.steps, ...outputField(inside) }, options }
    }),
    if: block((id, condition: unknown, then: Callback, ...rest: readonly [Callback?, GivenOptions?]) =>
      chosen(place, { id, condition, then, otherwise: rest[0], options: rest[1] ?? {} }),
    ),
    match: block((id, value: unknown, ...given: readonly unknown[]) => matched(place, id, value, given)),
    parallel: block((_, children: Callback | Readonly<Record<string, Callback>>, options: GivenOptions = {}) => {
      const fields = typeof children === 'function' ? together(place, children) : named(place, children)
      return { verb: { ...fields, ...templates(place, options, ['concurrency']) }, options, own: ['concurrency'] }
    }),
    forEach: block((_, items: unknown, steps: Callback, options: GivenOptions = {}) =>
      eachItem(place, items, steps, options),
    ),
    repeat: block((_, loop: GivenOptions, steps: Callback, options: GivenOptions = {}) => ({
      verb: repeated(place, loop, steps),
      options,
    })),
    try: block((id, steps: Callback, handlers: GivenOptions, options: GivenOptions = {}) => ({
      verb: tried(place, id, steps, handlers),
      options,
    })),
  }
}

/** What a verb says of its step. */
export interface Said {
  readonly verb: object
  readonly options: GivenOptions
  readonly own?: readonly string[]
}

/** A verb of a block: its id comes first. */
export function blockVerb(place: Place, said: (id: string, ...given: never) => Said): Verb {
  const call = (id: string, ...given: readonly unknown[]): unknown => {
    const site = callSite(call)
    assertOpen(place, id)
    // Taken at once: no step that is made inside gets it.
    place.building.ids.add(id.toLowerCase())
    const { verb, options, own } = (said as (id: string, ...given: readonly unknown[]) => Said)(id, ...given)
    addStep(place, { id, ...verb, ...stepFields(place, id, options, own) } as unknown as Step, site)
    return outputOf(id)
  }
  return call
}

/** Writes a list inside of another. */
function list(around: Place, steps: Callback, ...given: readonly unknown[]): Branch {
  const place = placeInside(around)
  return write(place, scopeOf(place), (w) => steps(w, ...given))
}

interface Choice {
  readonly id: string
  readonly condition: unknown
  readonly then: Callback
  readonly otherwise: Callback | undefined
  readonly options: GivenOptions
}

function chosen(place: Place, { id, condition, then, otherwise, options }: Choice): Said {
  const node = nodeOf(condition)
  const proven = node === undefined ? undefined : referenceOf(provenBy(node))
  const yes = { ...list(place, then, proven), id: `${id}_then` }
  const no = otherwise === undefined ? undefined : { ...list(place, otherwise), id: `${id}_else` }
  settle(no === undefined ? [yes] : [yes, no])
  const verb = { if: slot(place, condition), do: yes.place.steps, ...(no !== undefined && { else: no.place.steps }) }
  return { verb, options }
}

function matched(place: Place, id: string, value: unknown, given: readonly unknown[]): Said {
  const [tag, ...afterTag] = given
  const node = nodeOf(value)
  const byTag = typeof tag === 'string' && node !== undefined
  const [cases, options = {}] = (byTag ? afterTag : given) as [Readonly<Record<string, Callback>>, GivenOptions?]
  const on = byTag ? referenceOf({ kind: 'field', of: node, key: tag }) : value
  const branches = Object.entries(cases).map(([key, steps]) => ({
    ...list(place, steps, ...(byTag ? [value] : [])),
    key,
    id: `${id}_${key}`,
  }))
  const { default: otherwise } = options
  const other =
    typeof otherwise === 'function' ? { ...list(place, otherwise as Callback), id: `${id}_default` } : undefined
  settle(other === undefined ? branches : [...branches, other])
  const verb = {
    match: slot(place, on),
    cases: Object.fromEntries(branches.map((branch) => [branch.key, branch.place.steps])),
    ...(other !== undefined && { default: other.place.steps }),
  }
  return { verb, options, own: ['default'] }
}

// Nothing else would be given: of `parallel`, no step is the last one.
function together(place: Place, children: Callback): object {
  const { place: inside, result } = list(place, children)
  const isGiven = result !== undefined && result !== ended
  return { parallel: inside.steps, ...(isGiven && { output: template(inside, result) }) }
}

function named(place: Place, children: Readonly<Record<string, Callback>>): object {
  const steps: Step[] = []
  const output: [string, unknown][] = []
  for (const [name, callback] of Object.entries(children)) {
    const child = list(place, callback)
    const [only, ...more] = child.place.steps
    const isPlain =
      only !== undefined && more.length === 0 && (child.result === undefined || isLast(child.place, child.result))
    const step: Step = isPlain ? only : { id: name, do: child.place.steps, ...outputField(child) }
    steps.push(step)
    place.building.ids.add(step.id.toLowerCase())
    if (child.result !== undefined && child.result !== ended) output.push([name, outputOf(step.id)])
  }
  const given = output.length === 0 ? {} : { output: template(place, Object.fromEntries(output)) }
  return { parallel: steps, ...given }
}

function eachItem(place: Place, items: unknown, steps: Callback, options: GivenOptions): Said {
  const { as, collect } = options
  const owner = {}
  const name = typeof as === 'string' ? as : freeName(place, 'item')
  const inside = placeInside(place, new Map([...[name, 'index'].map((given) => [given, owner] as const)]))
  const branch = write(inside, scopeOf(inside), (w) => steps(w, ownedName(name, owner), ownedName('index', owner)))
  const verb = {
    forEach: {
      in: nodeOf(items) === undefined ? template(place, items) : slot(place, items),
      ...(name !== 'item' && { as: name }),
      ...templates(place, options, ['concurrency']),
      ...(collect !== undefined && { collect }),
    },
    do: inside.steps,
    ...outputField(branch),
  }
  return { verb, options, own: ['as', 'concurrency', 'collect'] }
}

function repeated(place: Place, { onExhausted, ...loop }: GivenOptions, steps: Callback): object {
  const owner = {}
  const names = loop['initial'] === undefined ? ['iteration'] : ['iteration', 'previous']
  const inside = placeInside(place, new Map(names.map((name) => [name, owner] as const)))
  const conditions: Record<string, unknown> = {}
  const scope = {
    ...scopeOf(inside),
    iteration: ownedName('iteration', owner),
    previous: ownedName('previous', owner),
    until: (condition: unknown) => {
      conditions['until'] = slot(inside, condition)
    },
    while: (condition: unknown) => {
      conditions['while'] = slot(inside, condition)
    },
  }
  const branch = write(inside, scope, steps)
  return {
    repeat: { ...(template(place, loop) as object), ...conditions },
    do: inside.steps,
    ...outputField(branch),
    ...(onExhausted !== undefined && { onExhausted: template(place, onExhausted) }),
  }
}

function tried(place: Place, id: string, steps: Callback, { catch: handlers, finally: last }: GivenOptions): object {
  const body = { ...list(place, steps), id: `${id}_try` }
  const given = (typeof handlers === 'function' ? [{ do: handlers }] : (handlers ?? [])) as readonly Clause[]
  const clauses = given.map(({ on, as, do: handle }, index) => {
    const owner = {}
    const name = as ?? freeName(place, 'error')
    const inside = placeInside(place, new Map([[name, owner]]))
    const branch = write(inside, scopeOf(inside), (w) => handle(w, ownedName(name, owner)))
    return { ...branch, on, name, id: `${id}_catch${given.length > 1 ? index + 1 : ''}` }
  })
  settle([body, ...clauses])
  return {
    try: body.place.steps,
    ...(clauses.length > 0 && {
      catch: clauses.map(({ on, name, place: { steps: caught } }) => ({
        ...(on !== undefined && { on }),
        ...(name !== 'error' && { as: name }),
        do: caught,
      })),
    }),
    ...(typeof last === 'function' && { finally: finallySteps(place, last as Callback) }),
  }
}

interface Clause {
  readonly on?: readonly string[]
  readonly as?: string
  readonly do: Callback
}

/** The steps that run whatever happened; their `error` is the failure or null. */
export function finallySteps(place: Place, steps: Callback): readonly Step[] {
  const owner = {}
  const inside = placeInside(place, new Map([['error', owner]]))
  write(inside, scopeOf(inside), (w) => steps(w, ownedName('error', owner)))
  return inside.steps
}

function templates(place: Place, options: GivenOptions, keys: readonly string[]): object {
  const given = keys.filter((key) => options[key] !== undefined)
  return Object.fromEntries(given.map((key) => [key, template(place, options[key])]))
}
