import { constantName, type Name } from '../expression/reference.ts'
import type { SyntaxNode } from '../expression/syntax-node.ts'
import { problemOfRead } from './access-problem.ts'
import type { Environment } from './environment.ts'
import { condition, told, type Inference, type Inferred, type ValuePath } from './inference.ts'
import { intersect } from './intersect.ts'
import type { Link, LinkRead } from './link.ts'
import { checkOperand, isTaken, membersOf } from './operand.ts'
import { readElement, readField, type FieldRead } from './read.ts'
import { anyType, booleanType, integerType, literalType, neverType, textType, type Type } from './type.ts'
import { computedRoot, proveAbsent, provePresent, refinePath } from './value-path.ts'

/** A name, or a field or element read of something: it has to be there. */
export function inferAccess(inference: Inference, node: SyntaxNode, environment: Environment): Inferred {
  const { type, wide, path, isTold, isUntyped } = linkOf({ inference, environment, isGuarded: false }, node)
  if (isTold) return told(environment)
  if (path === undefined) return { ...condition(type, environment, () => environment), wide }
  const when = (outcome: boolean): Environment =>
    isTaken(type, booleanType)
      ? refinePath(environment, path, (inner) => intersect(inner, literalType(outcome)))
      : environment
  return { ...condition(type, environment, when), wide, path, ...(isUntyped === true ? { isUntyped } : {}) }
}

/** `has(a.b)`: what may be missing or null on the way is asked for, what is unknown is a mistake still. */
export function inferHas(inference: Inference, operand: LinkRead['node'], environment: Environment): Inferred {
  const { path, isTold, isThere } = linkOf({ inference, environment, isGuarded: true }, operand)
  if (isTold) return condition(booleanType, environment, () => environment)
  const type = isThere === undefined ? booleanType : literalType(isThere)
  return condition(type, environment, (outcome) => {
    if (path === undefined) return environment
    return outcome ? provePresent(environment, path) : proveAbsent(environment, path)
  })
}

interface Reading {
  readonly inference: Inference
  readonly environment: Environment
  /** Whether `has()` asks. */
  readonly isGuarded: boolean
}

const toldLink: Link = { type: anyType, wide: anyType, isTold: true, isThere: undefined }

function linkOf(reading: Reading, node: SyntaxNode): Link {
  const root = rootOf(node)
  if (root !== undefined) return rootLink(reading, root)
  if (node.op !== '.' && node.op !== '[]') {
    const { type, wide, isTold = false } = reading.inference.infer(node, reading.environment)
    return { type, wide, isTold, isThere: true }
  }
  const base = linkOf(reading, node.args[0])
  const name = constantName(node)
  return name === undefined && node.op === '[]'
    ? elementLink(reading, node, base)
    : fieldLink(reading, node, base, name)
}

/** The name of a variable, or a step by its id. */
function rootOf(node: SyntaxNode): string | undefined {
  if (node.op === 'id') return node.args
  if ((node.op !== '.' && node.op !== '[]') || node.args[0].op !== 'id' || node.args[0].args !== 'steps')
    return undefined
  const id = constantName(node)?.text
  return id === undefined ? undefined : `steps.${id}`
}

function rootLink({ environment }: Reading, root: string): Link {
  const type = environment.typeOf(root)
  // Whether there is such a name is not a question of types.
  if (type === undefined) return toldLink
  const wide = environment.scope.typeOf(root) ?? type
  return { type, wide, path: { root, names: [], whole: type }, isTold: false, isThere: true }
}

function fieldLink(reading: Reading, node: LinkRead['node'], base: Link, name: Name | undefined): Link {
  if (base.isTold || name === undefined) return toldLink
  const read = (type: Type): FieldRead => readField(type, name.text)
  return readLink(reading, { node, base, place: name, key: name.text, read })
}

function elementLink(reading: Reading, node: SyntaxNode & { op: '[]' }, base: Link): Link {
  const { inference, environment } = reading
  const [of, indexNode] = node.args
  const index = inference.infer(indexNode, environment)
  if (base.isTold) return toldLink
  const kinds = new Set(membersOf(base.type).map(({ kind }) => kind))
  const indexes = [
    { kind: 'list', wanted: integerType },
    { kind: 'map', wanted: textType },
  ] as const
  for (const { kind, wanted } of indexes) {
    if (!kinds.has(kind)) continue
    const operand = { node: indexNode, inferred: index, wanted, taker: `"[ ]" after ${inference.quote(of)}` }
    if (!checkOperand(inference, environment, operand)) return toldLink
  }
  const key = constantKey(index.type)
  const read = (whole: Type): FieldRead =>
    typeof key === 'string' ? readField(whole, key) : elementRead(whole, index.type)
  return readLink(reading, { node, base, place: indexNode, key, read })
}

function constantKey(index: Type): string | number | undefined {
  if (index.kind !== 'literal' || typeof index.value === 'boolean') return undefined
  return typeof index.value === 'string' || index.value >= 0 ? index.value : undefined
}

function elementRead(whole: Type, index: Type): FieldRead {
  // Elements are counted from 0, and nothing stands before the first.
  if (index.kind === 'literal' && Number(index.value) < 0) {
    return { ...readElement(whole, integerType), mayBeMissing: true, names: [] }
  }
  return readElement(whole, index)
}

function readLink(reading: Reading, read: LinkRead): Link {
  const { inference, environment, isGuarded } = reading
  const { node, base, place, key } = read
  if (base.type.kind === 'any') {
    if (inference.isTyped && base.isUntyped !== true) {
      const source = inference.quote(node)
      const message = `nothing is known of ${inference.quote(node.args[0])}, so ${source} is not checked`
      inference.report(environment, { code: 'UNTYPED_VALUE', severity: 'warning', message, ...pick(place) })
    }
    // What is proved of it is proved of what it stands in: `has(error.details.code)` of `error.details`.
    const path = base.path && typeof key === 'string' ? { ...base.path, names: [...base.path.names, key] } : undefined
    return base.isTold || path === undefined
      ? toldLink
      : { type: anyType, wide: anyType, path, isTold: false, isUntyped: true, isThere: undefined }
  }
  const computed = key === undefined && node.op === '[]' ? computedRoot(...node.args) : undefined
  const proved = computed === undefined ? undefined : environment.computed.get(computed)
  const [there, wide] = [read.read(base.type), read.read(base.wide)]
  const problem = problemOfRead(inference, { ...read, there, wide, isGuarded })
  if (problem !== undefined && (proved === undefined || problem.code !== 'MAYBE_MISSING')) {
    inference.report(environment, problem)
    return toldLink
  }
  const type = proved ?? (there.isKnown ? there.type : neverType)
  return {
    type,
    wide: wide.type,
    path: pathOf(base.path, key, { root: computed, type }),
    isTold: false,
    isThere: proved === undefined ? presence(base, there) : true,
  }
}

function pathOf(
  base: ValuePath | undefined,
  key: string | number | undefined,
  computed: { readonly root: string | undefined; readonly type: Type },
): ValuePath | undefined {
  if (computed.root !== undefined) return { root: computed.root, names: [], whole: computed.type }
  return base === undefined || key === undefined ? undefined : { ...base, names: [...base.names, key] }
}

function presence(base: Link, { isKnown, mayBeMissing, isNull, notMaps }: FieldRead): boolean | undefined {
  if (base.isThere === false || !isKnown) return false
  return base.isThere === true && !mayBeMissing && !isNull && notMaps.kind === 'never' ? true : undefined
}

function pick({ start, end }: { readonly start: number; readonly end: number }): { start: number; end: number } {
  return { start, end }
}
