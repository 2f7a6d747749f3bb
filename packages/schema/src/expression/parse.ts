import type { Json } from '../json.ts'
import { Compilation } from './compilation.ts'
import { compile } from './compile.ts'
import { Evaluation, failed } from './evaluation.ts'
import type { Expression, SyntaxMistake } from './expression.ts'
import { expressionLimits } from './limits.ts'
import { parseSyntax } from './syntax.ts'
import type { SyntaxNode } from './syntax-node.ts'
import { isLargerThan, toJson } from './value.ts'

/** An expression, or the first mistake in its text. */
export type ParsedExpression = { readonly expression: Expression } | { readonly mistake: SyntaxMistake }

/**
 * Reads an expression (without `${{ }}`). Parsing the same text again costs
 * nothing as long as it is among the last ones.
 */
export function parseExpression(text: string): ParsedExpression {
  return readText(text).parsed
}

/** The syntax tree of an expression, of the same reading; `undefined` where it has none. */
export function syntaxOf(text: string): SyntaxNode | undefined {
  return readText(text).tree
}

interface ReadText {
  readonly parsed: ParsedExpression
  /** It may be there beside a mistake: one that is found in it. */
  readonly tree?: SyntaxNode
}

function readText(text: string): ReadText {
  const known = cache.get(text)
  if (known !== undefined) return known
  const syntax = parseSyntax(text)
  const read = 'mistake' in syntax ? { parsed: syntax } : { parsed: compileTree(text, syntax.tree), tree: syntax.tree }
  if (text.length > cachedTextMax) return read
  // A map keeps the order of insertion, so its first key is its oldest.
  const oldest = cache.size < cacheSizeMax ? undefined : cache.keys().next().value
  if (oldest !== undefined) cache.delete(oldest)
  cache.set(text, read)
  return read
}

const cacheSizeMax = 2048
const cachedTextMax = 1024
const cache = new Map<string, ReadText>()

function compileTree(text: string, tree: SyntaxNode): ParsedExpression {
  const compilation = new Compilation(text, compile)
  const code = compile(compilation, tree)
  const { mistake, nodes, localsMax, references, usesTime, makesLists } = compilation
  if (mistake !== undefined) return { mistake }
  if (nodes > expressionLimits.costMax) {
    const message = `the expression has ${nodes} parts and may cost ${expressionLimits.costMax} units to evaluate`
    return { mistake: { message, start: 0, end: text.length } }
  }
  const quote = compilation.quote(tree)
  const evaluate: Expression['evaluate'] = (scope) => {
    const evaluation = new Evaluation(scope, quote, nodes, localsMax)
    const value = code(evaluation)
    // Scopes give JSON, and only `timestamp()` and `duration()` make anything else.
    const json = usesTime ? toJson(evaluation, value) : (value as Json)
    if (makesLists && isLargerThan(json, expressionLimits.valueTextMax)) throw tooLarge(quote)
    return json
  }
  return { expression: { source: text, references, evaluate } }
}

function tooLarge(quote: string): Error {
  const message = `${quote}: makes a value with more than ${expressionLimits.valueTextMax} characters of JSON`
  return failed('PAYLOAD_TOO_LARGE', message)
}
