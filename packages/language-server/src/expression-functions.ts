/** What can be called in an expression, as a reader sees it. */
export interface KnownFunction {
  readonly name: string
  /** Each way to write it. */
  readonly signatures: readonly string[]
  /** What it gives: one sentence. */
  readonly meaning: string
  /** Whether it stands by itself, after a dot, or both. */
  readonly form: 'function' | 'method' | 'either'
}

const rows: readonly (readonly [KnownFunction['form'], signatures: string, meaning: string])[] = [
  [
    'either',
    'size(x) -> integer; x.size() -> integer',
    'Characters of a text, elements of a list, or fields of a map.',
  ],
  ['function', 'int(x) -> integer', 'A number cut off towards 0, a text of digits, or the seconds of a timestamp.'],
  ['function', 'double(x) -> number', 'A number, also from its text.'],
  ['function', 'string(x) -> text', 'The text of a text, number, boolean, timestamp or duration.'],
  ['function', 'bool(x) -> boolean', 'A boolean, also from the texts "true" and "false".'],
  ['function', 'timestamp(x) -> timestamp', 'An instant, from RFC 3339 text or whole seconds since 1970.'],
  ['function', 'duration(text) -> duration', 'A length of time, from text such as 1h30m.'],
  ['function', 'has(a.b) -> boolean', 'Whether reading it would give a value. Never fails.'],
  ['method', 'text.contains(part) -> boolean', 'Whether a text holds another one.'],
  ['method', 'text.startsWith(part) -> boolean', 'Whether a text begins with another one.'],
  ['method', 'text.endsWith(part) -> boolean', 'Whether a text ends with another one.'],
  ['method', 'text.indexOf(part) -> integer', 'Where a text first holds another one, or -1.'],
  [
    'method',
    'text.substring(from) -> text; text.substring(from, to) -> text',
    'The part from one position up to another.',
  ],
  ['method', 'text.split(separator) -> list of text', 'The texts between each separator.'],
  ['method', 'list.join() -> text; list.join(separator) -> text', 'Texts put together, with a separator between them.'],
  ['method', 'text.replace(part, other) -> text', 'The text with another one for each part.'],
  ['method', 'text.trim() -> text', 'The text without the space around it.'],
  ['method', 'text.lowerAscii() -> text', 'The text with A to Z in lower case.'],
  ['method', 'text.upperAscii() -> text', 'The text with a to z in upper case.'],
  ['method', 'timestamp.getFullYear() -> integer', 'The year, in UTC.'],
  ['method', 'timestamp.getMonth() -> integer', 'The month from 0, in UTC.'],
  ['method', 'timestamp.getDate() -> integer', 'The day of the month from 1, in UTC.'],
  ['method', 'timestamp.getDayOfMonth() -> integer', 'The day of the month from 0, in UTC.'],
  ['method', 'timestamp.getDayOfWeek() -> integer', 'The day of the week, in UTC: Sunday is 0.'],
  ['method', 'timestamp.getDayOfYear() -> integer', 'The day of the year from 0, in UTC.'],
  ['method', 'time.getHours() -> integer', 'The hour of a timestamp in UTC; a duration in hours.'],
  ['method', 'time.getMinutes() -> integer', 'The minute of a timestamp in UTC; a duration in minutes.'],
  ['method', 'time.getSeconds() -> integer', 'The second of a timestamp in UTC; a duration in seconds.'],
  [
    'method',
    'time.getMilliseconds() -> integer',
    'The milliseconds of a timestamp, or of the last second of a duration.',
  ],
  ['method', 'list.all(x, condition) -> boolean', 'Whether the condition holds for each element; true for none.'],
  ['method', 'list.exists(x, condition) -> boolean', 'Whether the condition holds for at least one element.'],
  ['method', 'list.exists_one(x, condition) -> boolean', 'Whether the condition holds for exactly one element.'],
  ['method', 'list.filter(x, condition) -> list', 'The elements for which the condition holds.'],
  [
    'method',
    'list.map(x, value) -> list; list.map(x, condition, value) -> list',
    'The value for each element, or for each for which the condition holds.',
  ],
]

/** Every function, method and macro by name. */
export const knownFunctions: ReadonlyMap<string, KnownFunction> = new Map(
  rows.map(([form, text, meaning]) => {
    const signatures = text.split('; ')
    const name = /(?:^|\.)(\w+)\(/.exec(text)?.[1] ?? ''
    return [name, { name, signatures, meaning, form }]
  }),
)
