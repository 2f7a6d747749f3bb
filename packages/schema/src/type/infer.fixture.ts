import { parseSyntax } from '../expression/syntax.ts'
import type { SyntaxNode } from '../expression/syntax-node.ts'
import { Environment, scopeOf } from './environment.ts'
import { inferType } from './infer.ts'
import type { TypeProblem } from './inference.ts'
import type { Type } from './type.ts'
import { wordsOf } from './words.ts'

export function environmentOf(types: Readonly<Record<string, Type>>): Environment {
  return new Environment(scopeOf(new Map(Object.entries(types))))
}

export function treeOf(text: string): SyntaxNode {
  const parsed = parseSyntax(text)
  if ('mistake' in parsed) throw new Error(`${text}: ${parsed.mistake.message}`)
  return parsed.tree
}

/** The type of an expression, in words, and what is reported of it, with the text that is pointed at. */
export function inferredFrom(
  text: string,
  environment: Environment,
  isTyped = false,
): { readonly type: string; readonly problems: readonly (Partial<TypeProblem> & { readonly at: string })[] } {
  const problems: (Partial<TypeProblem> & { at: string })[] = []
  const report = ({ start, end, ...problem }: TypeProblem): void => {
    const said = Object.entries(problem).filter(([, value]) => value !== undefined)
    problems.push({ ...Object.fromEntries(said), at: text.slice(start, end) })
  }
  return { type: wordsOf(inferType(treeOf(text), { environment, text, isTyped, report })), problems }
}
