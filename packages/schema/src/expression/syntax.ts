import type { SyntaxMistake } from './expression.ts'
import { expressionLimits } from './limits.ts'
import type { InfixOperator, Operation, SyntaxNode } from './syntax-node.ts'
import { Tokens, misused, quoted } from './tokens.ts'

/** Reads the text of an expression into its syntax tree. Nothing is looked up or typed yet. */
export function parseSyntax(text: string): { readonly tree: SyntaxNode } | { readonly mistake: SyntaxMistake } {
  const whole = { start: 0, end: text.length }
  if (text.trim() === '') return { mistake: { message: 'the expression is empty', ...whole } }
  if (text.length > expressionLimits.sourceMax) {
    return { mistake: { message: `an expression has at most ${expressionLimits.sourceMax} characters`, ...whole } }
  }
  const reading: Reading = { tokens: new Tokens(text), depth: 0 }
  const tree = readExpression(reading)
  const { tokens } = reading
  if (tokens.kind !== 'end') refuseToken(tokens)
  return tokens.mistake === undefined ? { tree } : { mistake: tokens.mistake }
}

export const nestsTooDeep = 'the expression nests too deeply'

interface Reading {
  readonly tokens: Tokens
  /** Brackets and links of access chains around what is read: what bounds the recursion. */
  depth: number
}

function readExpression(reading: Reading): SyntaxNode {
  const { tokens } = reading
  const { start } = tokens
  descend(reading)
  const condition = readInfix(reading, 1)
  let node = condition
  if (accept(tokens, '?')) {
    const yes = readExpression(reading)
    expect(tokens, ':')
    node = nodeFrom(tokens, start, { op: '?:', args: [condition, yes, readExpression(reading)] })
  }
  reading.depth--
  return node
}

function descend(reading: Reading): void {
  if (reading.depth++ > expressionLimits.bracketsMax) reading.tokens.refuse(nestsTooDeep)
}

/** The operators between two operands, and how tightly each binds. */
const bindings: ReadonlyMap<string, { readonly op: InfixOperator; readonly strength: number }> = new Map(
  ([['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>=', 'in'], ['+', '-'], ['*', '/', '%']] as const).flatMap(
    (operators, index) => operators.map((op) => [op as string, { op, strength: index + 1 }] as const),
  ),
)

/** Operands and the operators between them that bind at least as tightly as `strengthMin`. */
function readInfix(reading: Reading, strengthMin: number): SyntaxNode {
  const { tokens } = reading
  const { start } = tokens
  let left = readPrefix(reading)
  for (;;) {
    const binding = bindings.get(tokens.kind)
    if (binding === undefined || binding.strength < strengthMin) return left
    tokens.next()
    const right = readInfix(reading, binding.strength + 1)
    left = nodeFrom(tokens, start, { op: binding.op, args: [left, right] })
  }
}

function readPrefix(reading: Reading): SyntaxNode {
  const { tokens } = reading
  const operators: { readonly op: '!_' | '-_'; readonly start: number }[] = []
  while (tokens.kind === '!' || tokens.kind === '-') {
    operators.push({ op: `${tokens.kind}_`, start: tokens.start })
    if (operators.length > expressionLimits.depthMax) tokens.refuse(nestsTooDeep)
    tokens.next()
  }
  const operand = readPostfix(reading)
  return operators.reduceRight((args, { op, start }) => nodeFrom(tokens, start, { op, args }), operand)
}

function readPostfix(reading: Reading): SyntaxNode {
  const { tokens, depth } = reading
  const { start } = tokens
  let node = readPrimary(reading)
  for (;;) {
    if (accept(tokens, '.')) node = readMember(reading, node, start)
    else if (accept(tokens, '[')) node = readElement(reading, node, start)
    else break
  }
  reading.depth = depth
  return node
}

function readMember(reading: Reading, of: SyntaxNode, start: number): SyntaxNode {
  descend(reading)
  const { tokens } = reading
  const { text: name, start: pos } = tokens
  expect(tokens, 'name')
  if (!accept(tokens, '(')) return nodeFrom(tokens, start, { op: '.', args: [of, name], pos })
  const operands = readOperands(reading)
  return nodeFrom(tokens, start, { op: 'rcall', args: [name, of, operands], pos })
}

function readElement(reading: Reading, of: SyntaxNode, start: number): SyntaxNode {
  descend(reading)
  const index = readExpression(reading)
  expect(reading.tokens, ']')
  return nodeFrom(reading.tokens, start, { op: '[]', args: [of, index] })
}

function readPrimary(reading: Reading): SyntaxNode {
  const { tokens } = reading
  const { kind, start, value } = tokens
  if (kind === 'name') return readName(reading)
  if (accept(tokens, 'literal')) return nodeFrom(tokens, start, { op: 'value', args: value })
  if (accept(tokens, '(')) {
    const inner = readExpression(reading)
    expect(tokens, ')')
    return inner
  }
  if (accept(tokens, '[')) {
    const args = readSequence(reading, ']', readExpression)
    return nodeFrom(tokens, start, { op: 'list', args })
  }
  if (accept(tokens, '{')) {
    const args = readSequence(reading, '}', readEntry)
    return nodeFrom(tokens, start, { op: 'map', args })
  }
  refuseToken(tokens)
  return nodeFrom(tokens, start, { op: 'value', args: null })
}

function readName(reading: Reading): SyntaxNode {
  const { tokens } = reading
  const { text: name, start } = tokens
  if (reservedWords.has(name)) tokens.refuse(`${quoted(name)} is a reserved word and cannot begin a name`)
  tokens.next()
  if (!accept(tokens, '(')) return nodeFrom(tokens, start, { op: 'id', args: name })
  const operands = readOperands(reading)
  return nodeFrom(tokens, start, { op: 'call', args: [name, operands], pos: start })
}

function readOperands(reading: Reading): SyntaxNode[] {
  return readSequence(reading, ')', readExpression)
}

function readEntry(reading: Reading): readonly [SyntaxNode, SyntaxNode] {
  const key = readExpression(reading)
  expect(reading.tokens, ':')
  return [key, readExpression(reading)]
}

/** What stands between brackets, after commas; one may follow the last. */
function readSequence<Item>(reading: Reading, close: ClosingToken, read: (reading: Reading) => Item): Item[] {
  const { tokens } = reading
  const items: Item[] = []
  while (tokens.kind !== close) {
    if (items.length === expressionLimits.elementsMax) {
      tokens.refuse(`a list, a map or a call has at most ${expressionLimits.elementsMax} elements`)
    }
    items.push(read(reading))
    if (!accept(tokens, ',')) break
  }
  expect(tokens, close)
  return items
}

function accept(tokens: Tokens, kind: string): boolean {
  if (tokens.kind !== kind) return false
  tokens.next()
  return true
}

const expected = { name: 'a name', ')': '`)`', ']': '`]`', '}': '`}`', ':': '`:`' } as const
type ClosingToken = ')' | ']' | '}'

function expect(tokens: Tokens, kind: keyof typeof expected): void {
  if (!accept(tokens, kind)) refuseToken(tokens, `, ${expected[kind]} is missing`)
}

function refuseToken(tokens: Tokens, missing = ''): void {
  const unexpected = tokens.kind === 'end' ? 'the expression ends too early' : `unexpected ${quoted(tokens.text)}`
  tokens.refuse(misused.get(tokens.text) ?? unexpected + missing)
}

function nodeFrom(tokens: Tokens, start: number, operation: Operation): SyntaxNode {
  return { ...operation, start, end: tokens.endBefore }
}

/** The words that CEL keeps for the languages that it is embedded in, and those that have attacked programs. */
const reservedWords = new Set(
  (
    'as break const continue else for function if import let loop package namespace return var void while ' +
    '__proto__ prototype'
  ).split(' '),
)
