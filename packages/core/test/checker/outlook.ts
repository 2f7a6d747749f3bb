import type { Shape } from './shape.ts'

/** A condition that has to hold for a reading to give a value. */
export interface Guard {
  readonly kind: 'field' | 'element' | 'null' | 'tag' | 'ran' | 'failed' | 'error' | 'ok'
  /** What it proves something about. */
  readonly path: string
  readonly text: string
  /** Of `ran`: why the step may not have run. */
  readonly because?: Reason
}

/** Why a step may not have run, where it is read. */
export type Reason =
  | 'its `if`'
  | 'another branch'
  | 'the failure of its `try`'
  | 'a join that others met'
  | 'no iteration'
  | 'its own failure'
  | 'another state'
  | 'the end of the run'
  | 'an unknown outcome'

/** A path that an expression may read. */
export interface Reading {
  readonly path: string
  readonly shape: Shape
  /** All of which have to hold, each after those before it. */
  readonly guards: readonly Guard[]
  /**
   * Whether the shape comes from a schema. What was computed may be known to be
   * less than its shape says, so that comparing it could be told to be idle.
   */
  readonly isDeclared: boolean
}

/** A step that cannot be read here, or whose output cannot: it gives none, or one of which nothing is known. */
export interface Hidden {
  readonly id: string
  readonly because: 'inside' | 'around' | 'later' | 'sibling' | 'silent' | 'untyped'
}

/** What an expression sees. */
export interface Outlook {
  readonly readings: readonly Reading[]
  /** What is known to hold. */
  readonly facts: readonly Guard[]
  /** Paths of which something is known not to hold. */
  readonly denied: readonly string[]
  readonly hidden: readonly Hidden[]
}

export function seeing(outlook: Outlook, readings: readonly Reading[]): Outlook {
  return { ...outlook, readings: [...outlook.readings, ...readings] }
}

/** Inside of what gives these variables, which hide those of the same names around it. */
export function naming(outlook: Outlook, variables: readonly string[], readings: readonly Reading[]): Outlook {
  const isKept = ({ path }: { readonly path: string }): boolean => !variables.includes(rootOf(path))
  return {
    ...outlook,
    readings: [...outlook.readings.filter(isKept), ...readings],
    facts: outlook.facts.filter(isKept),
    denied: outlook.denied.filter((path) => isKept({ path })),
  }
}

function rootOf(path: string): string {
  return /^\w+/.exec(path)?.[0] ?? path
}

export function knowing(outlook: Outlook, facts: readonly Guard[]): Outlook {
  // A step that gave something has not failed, and one that failed has given nothing.
  const others = facts.flatMap(({ kind, path }) => {
    if (kind === 'failed') return [path.replace(/failure$/, 'output')]
    return kind === 'ran' ? [path.replace(/output$/, 'failure')] : []
  })
  return { ...outlook, facts: [...outlook.facts, ...facts], denied: [...outlook.denied, ...others] }
}

/** Where nothing more is asked of these paths. */
export function denying(outlook: Outlook, paths: readonly string[]): Outlook {
  return { ...outlook, denied: [...outlook.denied, ...paths] }
}

/** Where a condition holds. */
export function holding(
  outlook: Outlook,
  { facts, touched }: { readonly facts: readonly Guard[]; readonly touched: readonly string[] },
): Outlook {
  const proved = new Set(facts.map(({ path }) => path))
  return knowing(
    denying(
      outlook,
      touched.filter((path) => !proved.has(path)),
    ),
    facts,
  )
}

export function hiding(outlook: Outlook, hidden: readonly Hidden[]): Outlook {
  return { ...outlook, hidden: [...outlook.hidden, ...hidden] }
}

/** A root reading, and whatever can be read inside of it. */
export function reading(path: string, shape: Shape, rest: Partial<Reading> = {}): Reading {
  return { path, shape, guards: [], isDeclared: true, ...rest }
}

const readingsDepthMax = 3

const known = new WeakMap<Reading, readonly Reading[]>()

/** A reading and those inside of it, each with the guards that it takes. */
export function inside(root: Reading): readonly Reading[] {
  const before = known.get(root)
  if (before !== undefined) return before
  const all = expand(root, readingsDepthMax)
  known.set(root, all)
  return all
}

function expand(from: Reading, depth: number): Reading[] {
  const { path, shape, guards, isDeclared } = from
  if (depth === 0) return [from]
  const at = (inner: string, of: Shape, guard?: Guard): Reading[] =>
    expand({ path: inner, shape: of, guards: guard ? [...guards, guard] : guards, isDeclared }, depth - 1)
  switch (shape.kind) {
    case 'map':
      return [
        from,
        ...Object.entries(shape.fields).flatMap(([name, field]) => {
          // Of what was computed, it is known whether it is there.
          if (!isDeclared && field.isOptional) return []
          const inner = `${path}.${name}`
          return at(
            inner,
            field.shape,
            field.isOptional ? { kind: 'field', path: inner, text: `has(${inner})` } : undefined,
          )
        }),
      ]
    case 'list': {
      const first = `${path}[0]`
      return isDeclared
        ? [from, ...at(first, shape.of, { kind: 'element', path: first, text: `has(${first})` })]
        : [from]
    }
    case 'dictionary': {
      const named = `${path}["name"]`
      return isDeclared ? [from, ...at(named, shape.of, { kind: 'field', path: named, text: `has(${named})` })] : [from]
    }
    case 'nullable':
      return isDeclared ? [from, ...at(path, shape.of, { kind: 'null', path, text: `${path} != null` })] : [from]
    case 'tagged':
      return isDeclared ? [from, ...variants(from, depth)] : [from]
    default:
      return [from]
  }
}

// What the items of a list that was collected gave was computed.
function variants({ path, shape, guards }: Reading, depth: number): Reading[] {
  if (shape.kind !== 'tagged') return []
  const tag = `${path}.${shape.tag}`
  return Object.entries(shape.variants).flatMap(([word, variant]) => {
    const guard: Guard =
      shape.tag === 'ok' ? okGuard(tag, word) : { kind: 'tag', path: tag, text: `${tag} == "${word}"` }
    const [, ...fields] = expand(
      { path, shape: variant, guards: [...guards, guard], isDeclared: shape.tag !== 'ok' },
      depth - 1,
    )
    return fields
  })
}

// The items of a list that was collected are told apart by a boolean.
function okGuard(path: string, word: string): Guard {
  return { kind: 'ok', path, text: word === 'true' ? path : `!${path}` }
}

/** What still has to be asked before a path is read; `undefined` where it cannot be read. */
export function missingGuards(
  { guards }: Pick<Reading, 'guards'>,
  { facts, denied }: Outlook,
): readonly Guard[] | undefined {
  if (guards.some(({ path }) => denied.some((no) => path === no || isInside(path, no)))) return undefined
  const missing: Guard[] = []
  for (const guard of guards) {
    const same = facts.filter(({ path, kind }) => path === guard.path && kind === guard.kind)
    if (same.some(({ text }) => text === guard.text)) continue
    // Something else is known of the very same path: of a tag, that it is another one.
    if (same.length > 0) return undefined
    if (guard.kind !== 'tag' && guard.kind !== 'ok' && facts.some(({ path }) => isInside(path, guard.path))) continue
    missing.push(guard)
  }
  return missing
}

function isInside(path: string, around: string): boolean {
  return path.startsWith(`${around}.`) || path.startsWith(`${around}[`)
}

/** Whether something is known of a path already, so that comparing it might be idle. */
export function isPinned(path: string, { facts, denied }: Outlook): boolean {
  if (facts.some((fact) => (fact.kind === 'tag' || fact.kind === 'ok') && fact.path === path)) return true
  return denied.some((known) => known === path || isInside(path, known))
}

/** A declared reading of an enum of which nothing is known yet. */
export function comparable(
  { reading: { shape, isDeclared, path }, guards }: { readonly reading: Reading; readonly guards: readonly Guard[] },
  outlook: Outlook,
): boolean {
  return (
    isDeclared && shape.kind === 'enum' && shape.values.length > 1 && guards.length === 0 && !isPinned(path, outlook)
  )
}

/** Whether there is a way here: a step that neither completed nor failed leaves none, where it went on. */
export function isReached({ denied, facts }: Outlook): boolean {
  const known = new Set(facts.map(({ path }) => path))
  const isDenied = (path: string): boolean => denied.includes(path) && !known.has(path)
  return !denied.some(
    (path) => path.endsWith('.output') && isDenied(path) && isDenied(path.replace(/output$/, 'failure')),
  )
}
