import type { Evaluation } from './evaluation.ts'
import { refused } from './function-row.ts'
import type { CallPlace, FunctionRow } from './function-row.ts'
import { failed, mistyped } from './evaluation.ts'
import { isList, isSurrogate } from './value.ts'
import type { Value } from './value.ts'

type TextMethod = (text: string, argument: string, evaluation: Evaluation) => Value

/** Methods of strings. Positions and lengths count characters (code points), as `size()` does. */
export const textFunctions: Readonly<Record<string, FunctionRow>> = {
  contains: search((text, part) => text.includes(part)),
  startsWith: search((text, part) => text.startsWith(part)),
  endsWith: search((text, part) => text.endsWith(part)),
  indexOf: search((text, part) => charactersBefore(text, text.indexOf(part))),
  split: search((text, separator, evaluation) => {
    const parts = separator === '' ? Array.from(text) : text.split(separator)
    evaluation.charge(parts.length)
    return parts
  }),
  lowerAscii: whole((text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())),
  upperAscii: whole((text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase())),
  trim: whole(trim),
  replace: { form: 'method', operandsMin: 3, operandsMax: 3, apply: replace },
  substring: { form: 'method', operandsMin: 2, operandsMax: 3, apply: substring },
  join: { form: 'method', operandsMin: 1, operandsMax: 2, apply: join },
}

function search(method: TextMethod): FunctionRow {
  return {
    form: 'method',
    operandsMin: 2,
    operandsMax: 2,
    apply: ([first = null, second = null], evaluation, place) => {
      const [text, part] = [textOperand(first, place), textOperand(second, place)]
      chargeSearch(evaluation, text, part)
      return method(text, part, evaluation)
    },
  }
}

function whole(method: (text: string) => string): FunctionRow {
  return {
    form: 'method',
    operandsMin: 1,
    operandsMax: 1,
    apply: ([first = null], evaluation, place) => {
      const text = textOperand(first, place)
      evaluation.chargeNewText(text.length)
      return method(text)
    },
  }
}

// Looking for a long part in a long text can cost the product of their lengths.
function chargeSearch(evaluation: Evaluation, text: string, part: string): void {
  evaluation.chargeText(text.length * (1 + (part.length >> 8)))
}

// What Unicode says is space, as in CEL: `String.prototype.trim` takes U+FEFF for one, and U+0085 for none.
function trim(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && space.test(text.charAt(start))) start++
  while (end > start && space.test(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

const space = /^\p{White_Space}$/u

function replace(
  [first = null, second = null, third = null]: readonly Value[],
  evaluation: Evaluation,
  place: CallPlace,
): Value {
  const [text, part, replacement] = [textOperand(first, place), textOperand(second, place), textOperand(third, place)]
  if (part === '') throw mistyped(place.quote, 'an empty string cannot be replaced')
  chargeSearch(evaluation, text, part)
  const pieces = text.split(part)
  evaluation.charge(pieces.length)
  evaluation.chargeNewText(text.length + (pieces.length - 1) * (replacement.length - part.length))
  return pieces.join(replacement)
}

function substring([first = null, from = null, to]: readonly Value[], evaluation: Evaluation, place: CallPlace): Value {
  const text = textOperand(first, place)
  evaluation.chargeText(text.length)
  const start = offsetOperand(text, from, place)
  const end = to === undefined ? text.length : offsetOperand(text, to, place)
  if (end < start) throw failed('MISSING_VALUE', `${place.quote}: the end is before the start`)
  evaluation.chargeNewText(end - start)
  return text.slice(start, end)
}

function join([list = null, second = '']: readonly Value[], evaluation: Evaluation, place: CallPlace): Value {
  if (!isList(list)) throw refused(list, 'a list of strings', place)
  const separator = textOperand(second, place)
  let length = 0
  const parts = list.map((element) => {
    const part = textOperand(element, place)
    evaluation.charge(1)
    length += part.length + separator.length
    return part
  })
  evaluation.chargeNewText(Math.max(0, length - separator.length))
  return parts.join(separator)
}

function textOperand(value: Value, place: CallPlace): string {
  if (typeof value !== 'string') throw refused(value, place.name === 'join' ? 'strings' : 'a string', place)
  return value
}

/** The UTF-16 offset of the character of that number. */
function offsetOperand(text: string, value: Value, place: CallPlace): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw refused(value, 'whole numbers as positions', place)
  let offset = 0
  for (let left = value; left > 0 && offset < text.length; left--) offset += unitsAt(text, offset)
  if (value < 0 || charactersBefore(text, offset) !== value) {
    throw failed('MISSING_VALUE', `${place.quote}: there is no character ${value}`)
  }
  return offset
}

/** How many characters stand before a UTF-16 offset; -1 stays -1. */
function charactersBefore(text: string, offset: number): number {
  if (offset < 0) return -1
  let count = 0
  for (let index = 0; index < offset; index += unitsAt(text, index)) count++
  return count
}

function unitsAt(text: string, offset: number): 1 | 2 {
  return isSurrogate(text.charCodeAt(offset)) && (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1
}
