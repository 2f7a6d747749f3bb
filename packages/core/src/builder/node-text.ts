import { SegnoError } from '../error.ts'
import { namesIn, partsOf } from './node.ts'
import type { BinaryOperator, Node } from './node.ts'

/** An expression as a person would write it: no parentheses that it reads the same without, but where people want them. */
export function nodeText(node: Node): string {
  return textOf(node, new Map(), level.choice)
}

// What binds least comes first.
const level = { choice: 1, or: 2, and: 3, relation: 4, sum: 5, product: 6, unary: 7, member: 8 } as const
type Level = (typeof level)[keyof typeof level]

const levels: Readonly<Record<BinaryOperator, Level>> = {
  '||': level.or,
  '&&': level.and,
  ...{ '==': level.relation, '!=': level.relation, in: level.relation },
  ...{ '<': level.relation, '<=': level.relation, '>': level.relation, '>=': level.relation },
  ...{ '+': level.sum, '-': level.sum },
  ...{ '*': level.product, '/': level.product, '%': level.product },
}

/** The names of the variables of macros around a node. */
type Variables = ReadonlyMap<symbol, string>

// What binds less than `least` is put in parentheses.
function textOf(node: Node, variables: Variables, least: Level): string {
  const text = bareText(node, variables)
  return levelOf(node) < least ? `(${text})` : text
}

function levelOf(node: Node): Level {
  switch (node.kind) {
    case 'choice':
      return level.choice
    case 'binary':
      return levels[node.operator]
    case 'unary':
      return level.unary
    case 'literal':
      return typeof node.value === 'number' && node.value < 0 ? level.unary : level.member
    case 'text':
      return node.parts.length > 1 ? level.sum : level.member
    case 'raw':
      return isPrimary(node.parts) ? level.member : level.choice
    default:
      return level.member
  }
}

function isPrimary(parts: readonly (string | Node)[]): boolean {
  return parts.every((part) => typeof part === 'string') && /^[\w.]+$/.test(parts.join('').trim())
}

function bareText(node: Node, variables: Variables): string {
  const inside = (of: Node, least: Level): string => textOf(of, variables, least)
  const list = (nodes: readonly Node[]): string => nodes.map((item) => inside(item, level.choice)).join(', ')
  switch (node.kind) {
    case 'name':
      return node.name
    case 'variable':
      return variableText(node.id, variables)
    case 'field':
      return inside(node.of, level.member) + fieldText(node.key)
    case 'index':
      return `${inside(node.of, level.member)}[${inside(node.index, level.choice)}]`
    case 'literal':
      return JSON.stringify(node.value)
    case 'list':
      return `[${list(node.items)}]`
    case 'map':
      return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}: ${inside(value, level.choice)}`).join(', ')}}`
    case 'unary':
      return node.operator + inside(node.of, level.unary)
    case 'binary':
      return binaryText(node, inside)
    case 'choice':
      return `${inside(node.condition, level.or)} ? ${inside(node.then, level.or)} : ${inside(node.otherwise, level.choice)}`
    case 'call':
      return `${node.name}(${list(node.given)})`
    case 'method':
      return `${inside(node.of, level.member)}.${node.name}(${list(node.given)})`
    case 'macro':
      return macroText(node, variables)
    case 'text':
      return node.parts
        .map((part) => (typeof part === 'string' ? JSON.stringify(part) : `string(${inside(part, level.choice)})`))
        .join(' + ')
    case 'raw':
      return node.parts.map((part) => (typeof part === 'string' ? part : inside(part, level.member))).join('')
    default:
      return node satisfies never
  }
}

function variableText(id: symbol, variables: Variables): string {
  const name = variables.get(id)
  if (name !== undefined) return name
  throw new SegnoError(
    'ARGUMENT_INVALID',
    'The item of a `map`, `filter` or their like is used outside of its callback',
  )
}

type Inside = (of: Node, least: Level) => string

const associative: readonly BinaryOperator[] = ['||', '&&', '+', '*']

function binaryText({ operator, operands }: Node & { kind: 'binary' }, inside: Inside): string {
  const own = levels[operator]
  const tighter = (own + 1) as Level
  // `(a == b) == c` reads the same without its parentheses, and nobody would see it.
  const first = own === level.relation ? tighter : own
  return operands
    .map((operand, index) => {
      const isSame = operand.kind === 'binary' && operand.operator === operator && associative.includes(operator)
      return inside(operand, index === 0 || (isSame && own < level.relation) ? first : tighter)
    })
    .join(` ${operator} `)
}

const identifier = /^[A-Za-z_]\w*$/
const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])

function fieldText(key: string): string {
  return identifier.test(key) && !keywords.has(key) ? `.${key}` : `[${JSON.stringify(key)}]`
}

function macroText(node: Node & { kind: 'macro' }, variables: Variables): string {
  const taken = new Set([...variables.values(), ...wordsIn(node.body)])
  let name = 'x'
  for (let count = 1; taken.has(name); count++) name = count < 3 ? (['y', 'z'][count - 1] ?? 'x') : `x${count - 1}`
  const inner = new Map([...variables, [node.variable, name]])
  const of = textOf(node.of, variables, level.member)
  return `${of}.${node.name}(${name}, ${textOf(node.body, inner, level.choice)})`
}

// Also those that stand in texts that nobody has parsed.
function wordsIn(node: Node): readonly string[] {
  const raw = (part: Node): readonly string[] => [
    ...(part.kind === 'raw'
      ? part.parts.flatMap((piece) => (typeof piece === 'string' ? (piece.match(/[A-Za-z_]\w*/g) ?? []) : []))
      : []),
    ...partsOf(part).flatMap(raw),
  ]
  return [...namesIn(node).map(({ name }) => name), ...raw(node)]
}
