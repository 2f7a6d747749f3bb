import { outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import type { CelCase, Unheld } from './suite.ts'

/** A difference of the profile from CEL that keeps cases of the suite from agreeing. */
export interface Reason {
  /** What CEL has, and what is here instead, as the page about expressions says it. */
  readonly cel: string
  readonly here: string
  /** Whether a case that does not agree shows it. */
  shows(celCase: CelCase, outcome: Outcome): boolean
}

/** The reasons by name. A case is excluded for the first that it shows, once `dyn()` is taken away. */
export const reasons: Readonly<Record<string, Reason>> = {
  bytes: {
    cel: 'bytes',
    here: 'do not exist: every value is JSON',
    shows: (celCase, outcome) => holds(celCase, 'bytes') || refusedAs(outcome, /^bytes/),
  },
  messages: {
    cel: 'messages and enums of protocol buffers',
    here: 'do not exist: every value is JSON',
    shows: (celCase, outcome) =>
      holds(celCase, 'message', 'enum') || refusedAs(outcome, /^messages such as/) || messageName.test(celCase.text),
  },
  optionals: {
    cel: 'optional values and `a.?b`',
    here: 'do not exist: `has()` says the same',
    shows: (celCase, outcome) => refusedAs(outcome, /^`\.\?`/) || /\boptional\.|\bopt_/.test(celCase.text),
  },
  'backquoted names': {
    cel: 'a field in backquotes, ``a.`b-c` ``',
    here: 'is written `a["b-c"]`',
    shows: (_, outcome) => refusedAs(outcome, /^a name in backquotes/),
  },
  'more functions': {
    cel: 'extensions: `math`, `format`, `cel.bind`, `transformMap`, …',
    here: 'do not exist, but for some methods of strings, which take no limits and offsets',
    shows: (celCase, outcome) =>
      refusedAs(outcome, /^there is no function "(\w+)"/, extensions) ||
      (celCase.file.endsWith('_ext') && refusedAs(outcome, /^(indexOf|split|replace)\(\) takes/)) ||
      /\b(math|cel)\.\w+\(/.test(celCase.text),
  },
  'two variables': {
    cel: 'macros with two variables',
    here: 'do not exist: a key reads its value',
    shows: (celCase, outcome) =>
      celCase.file === 'macros2' &&
      (refusedAs(outcome, /^(all|exists)\(\) takes a variable/) || refusedAs(outcome, /^there is no function/)),
  },
  'unknown functions': {
    cel: 'functions of the host; an unknown one fails when it is called',
    here: 'there are those of the language; any other is a mistake before anything runs',
    shows: (_, outcome) => refusedAs(outcome, /^there is no function/),
  },
  keys: {
    cel: 'keys of maps that are numbers or bools',
    here: 'are strings',
    shows: (celCase, outcome) => holds(celCase, 'key') || refusedAs(outcome, /^a key of a map is a string/),
  },
  integers: {
    cel: 'integers of 64 bits, of which some are `uint`',
    here: 'one type `number`: exact up to 2^53−1, of either sign, divided truly',
    shows: (celCase, outcome) =>
      holds(celCase, 'integer') || refusedAs(outcome, /2\^53-1|^uint\(\)/) || isMoreThanInteger(celCase, outcome),
  },
  'not finite': {
    cel: 'NaN, infinities and −0',
    here: 'fail with `ARITHMETIC`; −0 is 0',
    shows: (celCase, outcome) =>
      holds(celCase, 'not finite', 'negative zero') ||
      (outcome.kind === 'failure' && outcome.code === 'ARITHMETIC' && celCase.expected.kind === 'value'),
  },
  types: {
    cel: 'types as values, `type()`',
    here: 'do not exist: types are checked before the run',
    shows: (celCase, outcome) => holds(celCase, 'type') || refusedAs(outcome, /^type\(\)/),
  },
  'types of CEL': {
    cel: 'the type that its checker gives, without a value',
    here: 'types are those of JSON Schema',
    shows: ({ expected }) => expected.kind === 'type',
  },
  matches: {
    cel: '`matches()`',
    here: 'is refused: there is no engine here that takes linear time',
    shows: (_, outcome) => refusedAs(outcome, /^matches\(\)/),
  },
  zones: {
    cel: 'time zones',
    here: 'UTC only',
    shows: (_, outcome) => refusedAs(outcome, /^get\w+\(\) takes 0 arguments/),
  },
  'long durations': {
    cel: 'the time between two timestamps fails above 292 years',
    here: 'is a duration, which holds 10,000 years',
    shows: ({ text, expected }, outcome) =>
      expected.kind === 'error' && expected.message === 'range' && outcome.kind === 'value' && /\) - time/.test(text),
  },
  'bools as text': {
    cel: '`bool("1")`, `bool("T")`',
    here: 'fail: `"true"` and `"false"` are read',
    shows: ({ text }, { kind }) => kind === 'failure' && /^bool\('(?!(true|false)')\w+'\)$/.test(text),
  },
  points: {
    cel: '`.5`',
    here: 'is written `0.5`',
    shows: ({ text }, outcome) => /^\.\d/.test(text) && refusedAs(outcome, /^unexpected `\.`/),
  },
  'JSON variables': {
    cel: 'variables that are timestamps or durations',
    here: 'are JSON: `timestamp()` and `duration()` read them',
    shows: ({ bindings }) => Object.values(bindings).some((bound) => 'json' in bound && bound.time),
  },
  'dotted names': {
    cel: 'variables whose names have dots, and containers of names',
    here: 'names are plain words',
    shows: ({ declared }) => declared.some((name) => name.includes('.')),
  },
  dyn: {
    cel: '`dyn()`, and nothing else',
    here: 'does not exist: lists and maps mix types as they are. All these agree without it',
    shows: () => false,
  },
}

/** The reason for which a case does not agree, `undefined` where there is none. */
export function reasonOf(
  celCase: CelCase,
  agrees: (celCase: CelCase, outcome: Outcome) => boolean,
): string | undefined {
  const outcome = outcomeOf(celCase, celCase.text.replaceAll(/\bdyn\(/g, '('))
  if (agrees(celCase, outcome)) return 'dyn'
  return Object.keys(reasons).find((name) => reasons[name]?.shows(celCase, outcome) === true)
}

const messageName = /\b(TestAllTypes|NestedTestAllTypes|NestedEnum|GlobalEnum|google\.protobuf)\b/

const extensions: ReadonlySet<string> = new Set(
  (
    'bind block index iterVar accuVar charAt lastIndexOf format quote reverse encode decode hasExt getExt existsOne ' +
    'transformList transformMap greatest least ceil floor round trunc abs sign isNaN isInf isFinite bitOr bitAnd ' +
    'bitXor bitNot bitShiftLeft bitShiftRight'
  ).split(' '),
)

function holds({ bindings, expected }: CelCase, ...kinds: readonly Unheld[]): boolean {
  const values = [...Object.values(bindings), ...(expected.kind === 'value' ? [expected.value] : [])]
  return values.some((value) => 'unheld' in value && kinds.includes(value.unheld))
}

/** Whether the text is refused with that message, and what it names is one of `names`. */
function refusedAs(outcome: Outcome, message: RegExp, names?: ReadonlySet<string>): boolean {
  const match = outcome.kind === 'mistake' ? message.exec(outcome.message) : null
  return match !== null && (names === undefined || names.has(match[1] ?? ''))
}

// What is an error or another number in integers is a number here: a fraction, a large one, or one below zero.
function isMoreThanInteger({ expected, text }: CelCase, outcome: Outcome): boolean {
  if (outcome.kind !== 'value' || typeof outcome.value !== 'number') return false
  if (expected.kind === 'error') return !Number.isSafeInteger(outcome.value) || /\du\b| % /.test(text)
  return !Number.isInteger(outcome.value) && text.includes('/')
}
