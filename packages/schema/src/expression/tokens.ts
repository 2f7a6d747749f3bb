import type { SyntaxMistake } from './expression.ts'
import { readEscapes, readNumber } from './literals.ts'
import type { ReadLiteral } from './literals.ts'
import { endOfBody } from './scan.ts'
import type { Literal } from './syntax-node.ts'

/**
 * The tokens of an expression's text, one at a time. A mistake ends the text:
 * what reads on meets nothing but its end, so that nobody has to unwind, and
 * the first mistake is the one that stays.
 */
export class Tokens {
  readonly #text: string
  /** `name`, `literal`, `end`, or the operator or bracket itself. */
  kind = 'end'
  start = 0
  end = 0
  /** Where the token before this one ends. */
  endBefore = 0
  /** Of a literal. */
  value: Literal = null
  mistake: SyntaxMistake | undefined

  constructor(text: string) {
    this.#text = text
    this.next()
  }

  /** The text of this token. */
  get text(): string {
    return this.#text.slice(this.start, this.end)
  }

  /** Records a mistake, at this token if nowhere else. */
  refuse(message: string, { start, end }: { readonly start: number; readonly end: number } = this): void {
    this.mistake ??= { message, start, end }
    this.kind = 'end'
    this.start = this.end = this.#text.length
  }

  next(): void {
    this.endBefore = this.end
    space.lastIndex = this.end
    space.test(this.#text)
    this.start = this.end = space.lastIndex
    this.kind = 'end'
    if (this.start === this.#text.length) return
    token.lastIndex = this.start
    const [whole, prefix = '', quote, word, number] = token.exec(this.#text) ?? []
    if (whole === undefined) return this.#refuseCharacter()
    this.end += whole.length
    if (quote !== undefined) this.#readString(prefix, quote)
    else if (word !== undefined) this.#readWord(word)
    else if (number !== undefined) this.#take(readNumber(number), this.start)
    else this.kind = whole
  }

  #refuseCharacter(): void {
    const character = String.fromCodePoint(this.#text.codePointAt(this.start) ?? 0)
    this.end += character.length
    this.refuse(misused.get(character) ?? `unexpected ${quoted(character)}`)
  }

  #readWord(word: string): void {
    const value = words.get(word)
    this.kind = word === 'in' ? 'in' : value === undefined ? 'name' : 'literal'
    if (value !== undefined) this.value = value
  }

  #readString(prefix: string, quote: string): void {
    const from = this.end
    const close = endOfBody(this.#text, from, quote)
    this.end = this.#text.length
    if (close === this.end) return this.refuse('the string is not closed')
    if (!this.#text.startsWith(quote, close)) {
      const message = 'a string ends before its line does; write \\n, or use three quotes'
      return this.refuse(message, { start: close, end: close + 1 })
    }
    this.end = close + quote.length
    if (/b/i.test(prefix)) return this.refuse('bytes do not exist here: every value is JSON')
    const body = this.#text.slice(from, close)
    this.#take(prefix === '' ? readEscapes(body) : { value: body }, from)
  }

  #take(literal: ReadLiteral<Literal>, offset: number): void {
    if ('message' in literal) {
      return this.refuse(literal.message, { start: literal.start + offset, end: literal.end + offset })
    }
    this.kind = 'literal'
    this.value = literal.value
  }
}

const space = /(?:[ \t\n\f\r]+|\/\/[^\n]*)*/y

/** A string's prefix and quotes, a word, a number, or an operator. */
const token =
  /([bB]?[rR]?)("""|'''|"|')|([A-Za-z_]\w*)|(0[xX][\da-fA-F]*[uU]?|\d+(?:[uU]|(?:\.\d+)?(?:[eE][+-]?\d*)?))|[=!<>]=|&&|\|\||[-+*/%<>!()[\]{}.,:?]/y

const words: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ['true', true],
  ['false', false],
  ['null', null],
])

/** What people of other languages write, and what it is here. */
export const misused: ReadonlyMap<string, string> = new Map([
  ['=', '`=` does not compare; write `==`'],
  ['&', '`&` is written `&&`'],
  ['|', '`|` is written `||`'],
  ['?', '`.?`, `[?` and `??` do not exist here; write `has(a.b) ? a.b : c`'],
  ['{', 'messages such as `Name{…}` do not exist here'],
  ['`', 'a name in backquotes does not exist here; write `a["b-c"]`'],
  ['$', '`${{ }}` stands around the whole expression or not at all'],
])

/** A piece of the text as messages quote it. */
export function quoted(text: string): string {
  return `\`${text.length > 40 ? `${text.slice(0, 40)}…` : text}\``
}
