import { ParseError, parse } from '@marcbachmann/cel-js'
import type { ASTNode } from '@marcbachmann/cel-js'
import type { SyntaxMistake } from './expression.ts'
import { expressionLimits } from './limits.ts'
import { skip } from './scan.ts'

/** A node of the syntax tree, with its place in the text. */
export type SyntaxNode = ASTNode

/** Reads the text of an expression into its syntax tree. Nothing is looked up or typed yet. */
export function parseSyntax(text: string): { readonly tree: SyntaxNode } | { readonly mistake: SyntaxMistake } {
  const refused = refuseText(text)
  if (refused !== undefined) return { mistake: refused }
  try {
    return { tree: parse(text).ast }
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return { mistake: mistakeOf(error, text) }
  }
}

function refuseText(text: string): SyntaxMistake | undefined {
  const whole = { start: 0, end: text.length }
  if (text.trim() === '') return { message: 'the expression is empty', ...whole }
  if (text.length > expressionLimits.sourceMax) {
    return { message: `an expression has at most ${expressionLimits.sourceMax} characters`, ...whole }
  }
  return refuseOperatorRun(text)
}

// The parser bounds its recursion everywhere but in `!!!…` and `---…`, which would overflow the stack.
function refuseOperatorRun(text: string): SyntaxMistake | undefined {
  let run = 0
  let index = 0
  while (index < text.length) {
    const character = text.charAt(index)
    const next = skip(text, index) ?? text.length
    if (character === '!' || character === '-') run++
    else if (character.trim() !== '' && !text.startsWith('//', index)) run = 0
    if (run > expressionLimits.depthMax) return nestsTooDeep(index, next)
    index = next
  }
  return undefined
}

export function nestsTooDeep(start: number, end: number): SyntaxMistake {
  return { message: 'the expression nests too deeply', start, end }
}

function mistakeOf(error: ParseError, text: string): SyntaxMistake {
  const start = Math.min(error.node?.start ?? 0, text.length)
  const end = Math.min(Math.max(error.node?.end ?? start, start), text.length)
  if (error.code === 'limit_exceeded') return nestsTooDeep(start, end)
  return { message: messageOf(error, text.slice(start, end)), start, end }
}

function messageOf(error: ParseError, found: string): string {
  const known = misused.get(found)
  if (known !== undefined) return known
  const unexpected = found === '' ? 'the expression ends too early' : `unexpected ${quoted(found)}`
  switch (error.code) {
    case 'invalid_number':
      return 'the number is too large'
    case 'expected_token': {
      const expected = tokens.get(/^Expected (\w+)/.exec(error.summary)?.[1] ?? '')
      return expected === undefined ? unexpected : `${unexpected}, ${expected} is missing`
    }
    case 'unexpected_token':
    case 'unexpected_character':
      return unexpected
    case 'reserved_identifier':
      return `${quoted(found)} is a reserved word and cannot begin a name`
    case 'invalid_macro_argument':
      return 'the first argument names the variable for the elements, as in `list.all(x, x > 0)`'
    case 'unterminated_string':
    case 'unterminated_triple_quoted_string':
      return 'the string is not closed'
    case 'newline_in_string':
      return 'a string ends before its line does; write \\n, or use three quotes'
    default:
      return error.summary.charAt(0).toLowerCase() + error.summary.slice(1)
  }
}

function quoted(text: string): string {
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``
}

/** What people of other languages write, and what it is here. */
const misused: ReadonlyMap<string, string> = new Map([
  ['=', '`=` does not compare; write `==`'],
  ['&', '`&` is written `&&`'],
  ['|', '`|` is written `||`'],
  ['?', '`.?`, `[?` and `??` do not exist here; write `has(a.b) ? a.b : c`'],
  ['{', 'messages such as `Name{…}` do not exist here'],
  ['$', '`${{ }}` stands around the whole expression or not at all'],
])

const tokens: ReadonlyMap<string, string> = new Map([
  ['IDENTIFIER', 'a name'],
  ['RPAREN', '`)`'],
  ['RBRACKET', '`]`'],
  ['RBRACE', '`}`'],
  ['COLON', '`:`'],
])
