import { readFileSync, readdirSync } from 'node:fs'
import { parse as celParse } from '@marcbachmann/cel-js'
import type { ASTNode } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutAtMarks } from './marks.ts'
import { macroNames } from './macros.ts'
import { parseSyntax } from './syntax.ts'
import type { SyntaxNode } from './syntax-node.ts'

/*
 * Another parser of CEL is the measure: what it accepts we accept, as the same tree. What differs, and why:
 *
 * - bytes, and whole numbers above 2^53-1, are refused here by the parser, there by who reads its tree;
 * - the variable of a macro is checked there by the parser, here by who reads the tree;
 * - a call may have 1,000 arguments instead of 32: how many it takes is said by the function;
 * - the place of a node holds the parentheses of its operands, and that of a method call the method's name;
 * - there, `!` and `-` in a row overflow the stack; here there are at most 128;
 * - a form feed is space here, as the grammar of CEL says.
 */
const operatorsInRowMax = 128
const argumentsMax = 32

interface Tree {
  readonly op: string
  readonly args: unknown
  readonly start: number
  readonly end: number
}

function ours(text: string): Tree | undefined {
  const parsed = parseSyntax(text)
  return 'tree' in parsed ? plain(parsed.tree) : undefined
}

function theirs(text: string): Tree | undefined {
  try {
    const tree = celParse(text).ast
    return holdsRefused(tree) ? undefined : plain(tree)
  } catch {
    return undefined
  }
}

function holdsRefused(node: ASTNode): boolean {
  if (node.op !== 'value') return childrenOf(node).some(holdsRefused)
  const value: unknown = node.args
  if (value instanceof Uint8Array) return true
  const isWhole = typeof value === 'bigint' || (typeof value === 'object' && value !== null)
  return isWhole && !Number.isSafeInteger(Number(value))
}

function holdsLooser(node: SyntaxNode): boolean {
  if (node.op === 'call' && node.args[1].length > argumentsMax) return true
  if (node.op === 'rcall') {
    const [name, , operands] = node.args
    if (operands.length > argumentsMax) return true
    const count = operands.length
    const isMacro = macroNames.some((macro) => macro === name) ? count === 2 : name === 'bind' && count === 3
    if ((isMacro || (name === 'map' && count === 3)) && operands[0]?.op !== 'id') return true
  }
  return childrenOf(node).some(holdsLooser)
}

function childrenOf<Node extends { readonly args: unknown }>(node: Node): readonly Node[] {
  const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'op' in value
  return [node.args].flat(3).filter(isNode)
}

function plain(node: SyntaxNode | ASTNode): Tree {
  return { op: node.op, args: plainArgs(node.args), start: node.start, end: node.end }
}

function plainArgs(args: unknown): unknown {
  if (Array.isArray(args)) return args.map(plainArgs)
  if (typeof args === 'bigint') return Number(args)
  if (typeof args !== 'object' || args === null) return args
  if ('op' in args) return plain(args as SyntaxNode | ASTNode)
  return Number(args)
}

/** Both trees, with places where they are the same but for parentheses, spaces and comments. */
function samePlaces(text: string, own: Tree, other: Tree): Tree {
  const before = text.slice(own.start, other.start)
  const after = text.slice(other.end, own.end)
  const isAround = own.start <= other.start && own.end >= other.end && isOnly('(', before) && isOnly(')', after)
  const [start, end] = isAround ? [own.start, own.end] : [other.start, other.end]
  return { ...other, start, end, args: samePlacesOfArgs(text, own.args, other.args) }
}

function samePlacesOfArgs(text: string, own: unknown, other: unknown): unknown {
  if (Array.isArray(own) && Array.isArray(other)) {
    return other.map((value, index) => samePlacesOfArgs(text, own[index], value))
  }
  return isTree(own) && isTree(other) ? samePlaces(text, own, other) : other
}

function isOnly(parenthesis: string, text: string): boolean {
  return (
    text
      .replaceAll(/\/\/.*/g, '')
      .replaceAll(parenthesis, '')
      .trim() === ''
  )
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'op' in value
}

function expectTheSame(given: string): void {
  const text = given.replaceAll('\f', ' ')
  const parsed = parseSyntax(text)
  if ('tree' in parsed && holdsLooser(parsed.tree)) return
  const [own, other] = [ours(text), theirs(text)]
  if (own === undefined || other === undefined) expect({ text, tree: own }).toEqual({ text, tree: other })
  else expect(own).toEqual(samePlaces(text, own, other))
}

const repository = new URL('../../../../', import.meta.url)
const folders = ['docs', 'examples', 'packages/schema', 'packages/core', 'packages/cli']

/** All that might be an expression in the files of the repository: in marks, in quotes, in backquotes, after a colon. */
function written(): string[] {
  const texts = new Set<string>()
  for (const folder of folders) {
    for (const file of readdirSync(new URL(folder, repository), { recursive: true, encoding: 'utf8' })) {
      if (/node_modules|dist\//.test(file) || !/\.(?:md|ya?ml|json|ts)$/.test(file)) continue
      for (const text of candidates(readFileSync(new URL(`${folder}/${file}`, repository), 'utf8'))) texts.add(text)
    }
  }
  return [...texts]
}

function* candidates(content: string): Iterable<string> {
  for (const piece of cutAtMarks(content)) if (piece.kind === 'expression') yield piece.text
  for (const line of content.split('\n')) {
    if (line.length > 2000) continue
    for (const [, text = ''] of line.matchAll(/`([^`]+)`/g)) yield text
    for (const [, text = ''] of line.matchAll(/'((?:[^'\\]|\\.)+)'/g)) yield text
    const value = /^[\s-]*[\w.]+: (.+)$/.exec(line)?.[1]
    if (value !== undefined) yield value
  }
}

const space = fc.constantFrom('', '', ' ', '\t', '\r\n', ' // a "comment" }}\n', '//\n')
const digits = fc.constantFrom('0', '00', '7', '42', '9007199254740991', '9007199254740992', '18446744073709551616')
const name = fc.constantFrom(
  'a',
  'steps',
  'in_',
  'r',
  'b',
  'B',
  'rb',
  'has',
  'map',
  'all',
  'bind',
  'e5',
  'u',
  '__proto__',
)
const escape = fc.constantFrom(
  '\\n',
  "\\'",
  '\\"',
  '\\\\',
  '\\x41',
  '\\X7f',
  '\\u00e9',
  '\\U0001F600',
  '\\101',
  '\\?',
  '`',
)
const bad = fc.constantFrom('\\q', '\\u12', '\\ud800', '\\U00110000', '\\400', '\\8', '\\x4', '\n', '\r', '\\\n')
const inString = fc.array(
  fc.oneof(
    { arbitrary: fc.constantFrom('x', '"', "'", '""', '}}', '//', 'é😀', ' '), weight: 4 },
    { arbitrary: escape, weight: 3 },
    { arbitrary: bad, weight: 1 },
  ),
  { maxLength: 4 },
)
const string = fc
  .tuple(fc.constantFrom('', '', '', 'r', 'R', 'b'), fc.constantFrom('"', "'", '"""', "'''"), inString)
  .map(([prefix, quote, parts]) => `${prefix}${quote}${parts.join('')}${quote}`)
const number = fc.oneof(
  digits,
  fc
    .tuple(digits, fc.constantFrom('u', 'U', '.5', '.', 'e3', 'E+05', 'e-2', 'e', 'e400', '.25e2', '.0u'))
    .map((parts) => parts.join('')),
  fc.constantFrom('0x1F', '0XfFu', '0x', '0xu', '0xFFFFFFFFFFFFFFFF', '0x1.5', '1.e5', '.5'),
)

const infix = ['+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', ' in '] as const

/** Expressions by the grammar of CEL, most of them right, as the tokens that they are made of. */
const { tokens } = fc.letrec<{ tokens: string[] }>((tie) => {
  const inner = tie('tokens')
  const list = fc
    .array(inner, { maxLength: 3 })
    .map((items) => items.flatMap((item, at) => (at > 0 ? [',', ...item] : item)))
  const comma = fc.constantFrom<string[]>([], [], [','])
  return {
    tokens: fc.oneof(
      { maxDepth: 5, depthIdentifier: 'expression' },
      fc.oneof(name, name, string, number, fc.constantFrom('null', 'true', 'false')).map((token) => [token]),
      fc.tuple(inner, fc.constantFrom(...infix), inner).map(([left, op, right]) => [...left, op, ...right]),
      fc.tuple(fc.constantFrom('!', '-', '!!', '- -'), inner).map(([op, operand]) => [op, ...operand]),
      fc.tuple(inner, inner, inner).map(([a, b, c]) => [...a, '?', ...b, ':', ...c]),
      inner.map((operand) => ['(', ...operand, ')']),
      fc.tuple(inner, name).map(([of, field]) => [...of, '.', field]),
      fc.tuple(inner, inner).map(([of, index]) => [...of, '[', ...index, ']']),
      fc.tuple(name, list, comma).map(([of, operands, last]) => [of, '(', ...operands, ...last, ')']),
      fc.tuple(inner, name, list).map(([of, called, operands]) => [...of, '.', called, '(', ...operands, ')']),
      fc
        .tuple(inner, fc.constantFrom(...macroNames), inner)
        .map(([of, macro, body]) => [...of, '.', macro, '(x,', ...body, ')']),
      fc.tuple(list, comma).map(([items, last]) => ['[', ...items, ...last, ']']),
      fc
        .array(fc.tuple(inner, inner), { maxLength: 3 })
        .map((entries) => [
          '{',
          ...entries.flatMap(([key, value], at) => [...(at > 0 ? [','] : []), ...key, ':', ...value]),
          '}',
        ]),
    ),
  }
})

const text = fc
  .tuple(tokens, fc.infiniteStream(space))
  .map(([parts, spaces]) => parts.map((part) => part + String(spaces.next().value ?? '')).join(''))

const scrap = fc.oneof(
  fc.constantFrom(...'()[]{}.,:?!-+*/%<>=&|"\'\\$#ubr01ex \n\t\f\u00a0'.split('')),
  fc.constantFrom('"""', "'''", '//', 'in', 'while', '0x', '1e', '.?', '😀', '\ud83d', 'true', '\u0000'),
)

/** A text with some of its characters taken out, put in or put in the place of others. */
const mutated = fc
  .tuple(
    text,
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.option(scrap, { nil: '' })), { minLength: 1, maxLength: 3 }),
  )
  .map(([whole, changes]) =>
    changes.reduce((changed, [at, taken, put]) => {
      const from = at % (changed.length + 1)
      return changed.slice(0, from) + put + changed.slice(from + taken)
    }, whole),
  )

const deep = process.env['SEGNO_DEEP'] !== undefined

describe('another parser of CEL accepts and refuses the same, and gives the same tree,', () => {
  test('for all that is written in this repository', () => {
    const texts = written().filter((candidate) => !/(?:[!-]\s*){128}/.test(candidate))
    expect(texts.filter((candidate) => ours(candidate) !== undefined).length).toBeGreaterThan(3000)
    for (const candidate of texts) expectTheSame(candidate)
  })

  test('for expressions by the grammar', () => {
    let accepted = 0
    const check = (candidate: string): void => {
      if (ours(candidate) !== undefined) accepted++
      expectTheSame(candidate)
    }
    const numRuns = deep ? 50_000 : 2000
    fc.assert(fc.property(text, check), { numRuns })
    expect(accepted).toBeGreaterThan(numRuns * 0.3)
  })

  test('for expressions with changes at random', () => {
    fc.assert(fc.property(mutated, expectTheSame), { numRuns: deep ? 100_000 : 3000 })
  })

  test('for each operator before, between and after others', () => {
    for (const one of infix) {
      for (const other of infix) expectTheSame(`a ${one} b ${other} c`)
      for (const before of ['!', '-']) expectTheSame(`${before}a.f() ${one} ${before}b[0] ? c : d ${one} e ? f : g`)
    }
  })

  test.for([
    ['brackets', '[', ']', 249],
    ['parentheses', '(', ')', 249],
    ['calls', 'f(', ')', 249],
    ['links', '', '.a', 249],
    ['indices', '', '[0]', 248],
    ['conditions', 'a ? b : ', '', 249],
    ['operators in a row', '!', '', operatorsInRowMax],
  ] as const)('up to the bound of %s', ([, open, close, max]) => {
    const nested = (depth: number): string => `${open.repeat(depth)}a${close.repeat(depth)}`
    expect(ours(nested(max))).toBeDefined()
    expectTheSame(nested(max))
    if (max !== operatorsInRowMax) expectTheSame(nested(max + 1))
  })

  test.for([1000, 1001])('for a list and a map with %i elements', (count) => {
    expectTheSame(`[${Array(count).fill('1').join(',')}]`)
    expectTheSame(`{${Array(count).fill('1:1').join(',')}}`)
  })
})
