/** The value of a literal, or what is wrong with it and where, from the beginning of its text. */
export type ReadLiteral<Value> =
  { readonly value: Value } | { readonly message: string; readonly start: number; readonly end: number }

/** The value of a number's text: digits, `0x` and hexadecimal digits, or a decimal fraction; a whole one may end in `u`. */
export function readNumber(text: string): ReadLiteral<number> {
  const place = { start: 0, end: text.length }
  const isDouble = /^\d+[.e]/i.test(text)
  if (/^0xu?$/i.test(text)) return { message: 'after `0x` stand hexadecimal digits', ...place }
  if (isDouble && !/\d$/.test(text)) return { message: 'the exponent has no digits', ...place }
  const value = Number(text.replace(/u$/i, ''))
  if (isDouble) return Number.isFinite(value) ? { value } : { message: 'the number is too large', ...place }
  if (Number.isSafeInteger(value)) return { value }
  return { message: 'a whole number has at most 2^53-1 (9007199254740991)', ...place }
}

const plainEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ...['\\', '?', '"', "'", '`'].map((character) => [character, character] as const),
])

/** What the escapes with a number begin with, how their digits are written, and what they are called. */
const numberedEscapes = [
  { begins: 'u', digits: 4, base: 16, pattern: /^[\da-f]{4}$/i, takes: '`\\u` takes 4 hexadecimal digits' },
  { begins: 'U', digits: 8, base: 16, pattern: /^[\da-f]{8}$/i, takes: '`\\U` takes 8 hexadecimal digits' },
  { begins: 'xX', digits: 2, base: 16, pattern: /^[\da-f]{2}$/i, takes: '`\\x` takes 2 hexadecimal digits' },
  { begins: '', digits: 3, base: 8, pattern: /^[0-3][0-7]{2}$/, takes: 'an octal escape is `\\000` to `\\377`' },
] as const

/** The text that stands for between two quotes, its escapes replaced by what they stand for. */
export function readEscapes(body: string): ReadLiteral<string> {
  let value = ''
  let from = 0
  for (let at = body.indexOf('\\'); at !== -1; at = body.indexOf('\\', from)) {
    const escape = readEscape(body, at)
    if ('message' in escape) return escape
    value += body.slice(from, at) + escape.value
    from = escape.end
  }
  return { value: value + body.slice(from) }
}

type Escape = { readonly value: string; readonly end: number } | (ReadLiteral<string> & { readonly message: string })

function readEscape(body: string, start: number): Escape {
  const letter = body.charAt(start + 1)
  const plain = plainEscapes.get(letter)
  if (plain !== undefined) return { value: plain, end: start + 2 }
  const form = numberedEscapes.find(({ begins }) => (begins === '' ? /[0-7]/.test(letter) : begins.includes(letter)))
  if (form === undefined) return { message: `invalid escape sequence: \\${letter}`, start, end: start + 2 }
  const first = start + (form.begins === '' ? 1 : 2)
  const end = Math.min(first + form.digits, body.length)
  const digits = body.slice(first, end)
  if (!form.pattern.test(digits)) return { message: form.takes, start, end }
  const code = Number.parseInt(digits, form.base)
  if (code > 0x10ffff) return { message: `there is no character ${body.slice(start, end)}`, start, end }
  if (code >= 0xd800 && code <= 0xdfff) {
    return { message: `${body.slice(start, end)} is half of a character; write it whole, with \`\\U\``, start, end }
  }
  return { value: String.fromCodePoint(code), end }
}
