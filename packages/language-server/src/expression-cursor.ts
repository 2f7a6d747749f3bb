/** What is being written at a place of an expression. */
export interface ExpressionCursor {
  /** The word before the place, which may be empty. */
  readonly word: string
  /** What the word is read of: the text before a dot or a bracket. */
  readonly receiver?: string
  /** Whether the word stands in a string: of `steps["re`, or of `… == "ap`. */
  readonly quote?: string
  /** What the word is compared with, by `==` or `!=`. */
  readonly compared?: string
  /** The variables of macros around the place, the outermost first, and the lists that they go over. */
  readonly variables: readonly { readonly name: string; readonly list: string }[]
}

interface Token {
  readonly text: string
  readonly start: number
  readonly end: number
}

const tokenPattern = /"(?:[^"\\]|\\.)*("|$)|'(?:[^'\\]|\\.)*('|$)|[A-Za-z_]\w*|\d[\w.]*|[=!<>]=|&&|\|\||\S/g

/** Reads the text of an expression up to a place in it. */
export function expressionCursor(before: string): ExpressionCursor {
  const tokens = [...before.matchAll(tokenPattern)].map((found): Token => {
    return { text: found[0], start: found.index, end: found.index + found[0].length }
  })
  const variables = macroVariables(before, tokens)
  const last = tokens.at(-1)
  const quote = last && isOpenString(last.text) ? last.text[0] : undefined
  const isWord = last !== undefined && last.end === before.length && /^[A-Za-z_]\w*$/.test(last.text)
  const word = quote !== undefined && last ? last.text.slice(1) : isWord ? last.text : ''
  const rest = quote !== undefined || isWord ? tokens.slice(0, -1) : tokens
  const found = { word, variables, ...(quote !== undefined && { quote }) }
  const operator = rest.at(-1)?.text
  const operand = operandBefore(before, rest.slice(0, -1))
  if (operand === undefined) return found
  if (operator === '.' || (operator === '[' && quote !== undefined)) return { ...found, receiver: operand }
  return operator === '==' || operator === '!=' ? { ...found, compared: operand } : found
}

function isOpenString(text: string): boolean {
  return (text.startsWith('"') || text.startsWith("'")) && (text.length === 1 || !text.endsWith(text[0] ?? ''))
}

const closers: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

/** The operand that ends at the last of the tokens: a name or literal, and all that is read or called of it. */
function operandBefore(text: string, tokens: readonly Token[]): string | undefined {
  let index = tokens.length - 1
  const end = tokens[index]?.end
  for (;;) {
    const token = tokens[index]
    if (!token) return undefined
    const opener = closers.get(token.text)
    if (opener !== undefined) {
      index = openerOf(tokens, index)
      if (index < 0) return undefined
      const before = tokens[index - 1]?.text ?? ''
      const continues = opener === '[' ? /[\w)\]]$/.test(before) : opener === '(' && /^[A-Za-z_]/.test(before)
      if (continues) {
        index--
        continue
      }
    } else if (!/^[\w"']/.test(token.text)) {
      return undefined
    }
    if (tokens[index - 1]?.text !== '.') return text.slice(tokens[index]?.start, end)
    index -= 2
  }
}

function openerOf(tokens: readonly Token[], closer: number): number {
  let depth = 0
  for (let index = closer; index >= 0; index--) {
    const { text } = tokens[index] ?? { text: '' }
    if (closers.has(text)) depth++
    else if (text === '(' || text === '[' || text === '{') depth--
    if (depth === 0) return index
  }
  return -1
}

const macros = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

function macroVariables(text: string, tokens: readonly Token[]): { name: string; list: string }[] {
  const open: number[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.text === '(' || token.text === '[' || token.text === '{') open.push(index)
    else if (closers.has(token.text)) open.pop()
  }
  return open.flatMap((index) => {
    const isCall = tokens[index]?.text === '(' && tokens[index - 2]?.text === '.'
    const name = tokens[index + 1]
    if (!isCall || !macros.has(tokens[index - 1]?.text ?? '') || tokens[index + 2]?.text !== ',' || !name) return []
    const list = operandBefore(text, tokens.slice(0, index - 2))
    return list === undefined ? [] : [{ name: name.text, list }]
  })
}
