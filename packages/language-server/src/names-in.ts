import { expressionsIn, type WrittenExpression } from '@segno/schema/editor'
import { childOf, everyStep, stepsIn, type WrittenStep } from './steps-in.ts'
import { contentSpan, spanInside, type Span, type TextNode, type TextTree } from './text-tree.ts'

/** What a name is a name of. */
export type NameKind = 'step' | 'input' | 'import' | 'agent' | 'artifact' | 'secret' | 'state' | 'variable'

/** A name where it is declared, or where it is meant. */
export interface WrittenName extends Span {
  readonly kind: NameKind
  readonly name: string
  /** JSON Pointer of the step that it belongs to: of a state or a variable; of all others, the document. */
  readonly scope: string
  readonly isDeclaration: boolean
  /** Whether the place is that of the name alone, so that another name can be put there. */
  readonly isExact: boolean
  /** The value that it stands in, or the one that it is the key of. */
  readonly node: TextNode
}

/** Every name of a text that has a place where it is declared, in no order. */
export function namesIn(tree: TextTree, expressions = expressionsIn(tree.text)): WrittenName[] {
  const steps = [...everyStep(stepsIn(tree))]
  const variables = variablesIn(steps)
  const inputs = new Set(childOf(tree.root, 'input')?.children.flatMap(({ key }) => key?.text ?? []))
  return [
    ...declarations(tree),
    ...steps.flatMap((step) => namesOfStep(tree, step, inputs)),
    ...variables.map(({ node, name, owner }) =>
      ofText(tree, node, { kind: 'variable', name, scope: owner.pointer }, true),
    ),
    ...expressions.flatMap((expression) => namesRead(tree, expression, variables)),
  ]
}

/** The names that mean the same as one: where it is declared, and where it is used. */
export function sameNames(all: readonly WrittenName[], { kind, name, scope }: WrittenName): WrittenName[] {
  return all.filter((other) => other.kind === kind && other.name === name && other.scope === scope)
}

/** The name at an offset; the smallest one, where one stands inside another. */
export function nameAt(all: readonly WrittenName[], offset: number): WrittenName | undefined {
  return all
    .filter(({ start, end }) => start <= offset && offset <= end)
    .toSorted((a, b) => a.end - a.start - (b.end - b.start))[0]
}

const documentNames = [
  ['input', 'input'],
  ['imports', 'import'],
  ['agents', 'agent'],
  ['artifacts', 'artifact'],
] as const

function declarations(tree: TextTree): WrittenName[] {
  const keys = documentNames.flatMap(([key, kind]) =>
    (childOf(tree.root, key)?.children ?? []).map((node) => ofKey(tree, node, { kind, scope: '' }, true)),
  )
  const secrets = texts(childOf(tree.root, 'secrets')).map((node) => named(tree, node, 'secret', true))
  const given = (childOf(childOf(tree.root, 'on'), 'schedule')?.children ?? []).flatMap((schedule) =>
    (childOf(schedule, 'input')?.children ?? []).map((node) => ofKey(tree, node, { kind: 'input', scope: '' }, false)),
  )
  return [...keys, ...secrets, ...given]
}

type Meaning = Pick<WrittenName, 'kind' | 'name' | 'scope'>

function ofKey(
  tree: TextTree,
  node: TextNode,
  meaning: Pick<Meaning, 'kind' | 'scope'>,
  isDeclaration: boolean,
): WrittenName {
  const { text, start, end } = node.key ?? { text: '', start: node.start, end: node.end }
  const span = end - start === text.length + 2 ? { start: start + 1, end: end - 1 } : { start, end }
  return {
    ...meaning,
    name: text,
    isDeclaration,
    isExact: tree.text.slice(span.start, span.end) === text,
    node,
    ...span,
  }
}

function ofText(tree: TextTree, node: TextNode, meaning: Meaning, isDeclaration: boolean): WrittenName {
  const span = contentSpan(tree, node)
  const isExact = tree.text.slice(span.start, span.end) === meaning.name
  return { ...meaning, isDeclaration, isExact, node, ...span }
}

/** The name that a text is. */
function named(tree: TextTree, node: TextNode, kind: NameKind, isDeclaration = false): WrittenName {
  return ofText(tree, node, { kind, name: String(node.value), scope: '' }, isDeclaration)
}

function texts(list: TextNode | undefined): readonly TextNode[] {
  return (list?.children ?? []).filter(({ value, key }) => typeof value === 'string' && key === undefined)
}

function namesOfStep(tree: TextTree, { node, id }: WrittenStep, inputs: ReadonlySet<string>): WrittenName[] {
  const at = (key: string): TextNode | undefined => childOf(node, key)
  const one = (kind: NameKind, found: TextNode | undefined): WrittenName[] =>
    typeof found?.value === 'string' && !found.value.includes('${{') ? [named(tree, found, kind)] : []
  const artifact = ({ value }: TextNode): NameKind => (inputs.has(String(value)) ? 'input' : 'artifact')
  return [
    ...(id ? [named(tree, id, 'step', true)] : []),
    ...texts(at('needs')).map((need) => named(tree, need, 'step')),
    ...one('import', at('call')),
    ...one('import', at('start')),
    ...one('agent', at('agent')),
    ...one('agent', childOf(at('judge'), 'agent')),
    ...one('agent', childOf(childOf(at('check'), 'by'), 'agent')),
    ...(at('candidates')?.children ?? []).flatMap((candidate) => one('agent', childOf(candidate, 'agent'))),
    ...texts(at('consumes')).map((consumed) => named(tree, consumed, artifact(consumed))),
    ...(at('produces')?.children ?? []).map((child) => ofKey(tree, child, { kind: 'artifact', scope: '' }, false)),
    ...texts(at('secrets')).map((secret) => named(tree, secret, 'secret')),
    ...statesOf(tree, node),
  ]
}

function statesOf(tree: TextTree, step: TextNode): WrittenName[] {
  const states = childOf(step, 'states')?.children ?? []
  if (states.length === 0) return []
  const scope = step.pointer
  const initial = childOf(step, 'initial')
  const targets = states.flatMap((state) => [
    ...[...(childOf(state, 'on')?.children ?? []), ...(childOf(state, 'after')?.children ?? [])].flatMap(targetsIn),
    ...targetsIn(childOf(state, 'next')),
  ])
  return [
    ...states.map((state) => ofKey(tree, state, { kind: 'state', scope }, true)),
    ...[...(initial ? [initial] : []), ...targets]
      .filter(({ value }) => typeof value === 'string')
      .map((node) => ofText(tree, node, { kind: 'state', name: String(node.value), scope }, false)),
  ]
}

// A transition, or a list of them.
function targetsIn(node: TextNode | undefined): TextNode[] {
  const found = node?.kind === 'list' ? node.children.map((item) => childOf(item, 'to')) : [childOf(node, 'to')]
  return found.filter((target) => target !== undefined)
}

/** A variable that a step gives a name of its own. */
interface Variable {
  readonly name: string
  /** The text that names it. */
  readonly node: TextNode
  /** Where it is seen. */
  readonly owner: TextNode
}

function variablesIn(steps: readonly WrittenStep[]): Variable[] {
  return steps.flatMap(({ node }) => {
    const item = childOf(childOf(node, 'forEach'), 'as')
    const clauses = childOf(node, 'catch')?.children ?? []
    const named = [{ node: item, owner: node }, ...clauses.map((owner) => ({ node: childOf(owner, 'as'), owner }))]
    return named.flatMap(({ node: as, owner }) =>
      as && typeof as.value === 'string' ? [{ name: as.value, node: as, owner }] : [],
    )
  })
}

function namesRead(tree: TextTree, expression: WrittenExpression, variables: readonly Variable[]): WrittenName[] {
  const node = tree.at(expression.pointer)
  if (!node) return []
  const read = expression.references?.flatMap(({ root, path, names }) =>
    [root, ...path].map((name, index) => ({ name, root, index, span: names[index] })),
  )
  return (read ?? namesLooked(expression.text)).flatMap(({ name, root, index, span }) => {
    const meaning = meaningOf({ name, root, index }, expression.pointer, variables)
    if (!meaning || !span) return []
    const offset = expression.offset
    const exact = spanInside(tree, node, span.start + offset, span.end + offset)
    const isExact = exact !== undefined && tree.text.slice(exact.start, exact.end) === name
    return [{ ...meaning, isDeclaration: false, isExact, node, ...(exact ?? { start: node.start, end: node.end }) }]
  })
}

const readKinds: ReadonlyMap<string, NameKind> = new Map([
  ['steps', 'step'],
  ['input', 'input'],
  ['secrets', 'secret'],
  ['artifacts', 'artifact'],
])

function meaningOf(
  { name, root, index }: { readonly name: string; readonly root: string; readonly index: number },
  pointer: string,
  variables: readonly Variable[],
): Meaning | undefined {
  const kind = index === 1 ? readKinds.get(root) : undefined
  if (kind !== undefined) return { kind, name, scope: '' }
  if (index !== 0) return undefined
  const around = variables
    .filter((variable) => variable.name === name && pointer.startsWith(`${variable.owner.pointer}/`))
    .toSorted((a, b) => b.owner.pointer.length - a.owner.pointer.length)[0]
  return around && { kind: 'variable', name, scope: around.owner.pointer }
}

interface LookedName {
  readonly name: string
  readonly root: string
  readonly index: number
  readonly span: Span
}

// What cannot be parsed yet is being written: its names count all the same.
function namesLooked(text: string): LookedName[] {
  return [...text.matchAll(/\b(steps|input|secrets|artifacts)\s*\.\s*([A-Za-z_]\w*)/g)].map((found) => {
    const [whole, root = '', name = ''] = found
    const end = found.index + whole.length
    return { name, root, index: 1, span: { start: end - name.length, end } }
  })
}
