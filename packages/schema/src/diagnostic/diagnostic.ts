/** A place in a text: UTF-16 offset from 0, line and column from 1. */
export interface Position {
  readonly offset: number
  readonly line: number
  readonly column: number
}

/** From `start` up to, not including, `end`. */
export interface Range {
  readonly start: Position
  readonly end: Position
}

/** A piece of the file that is replaced by another text: by none to remove it, at an empty range to insert. */
export interface TextEdit {
  readonly range: Range
  readonly newText: string
}

/** A way to mend a mistake: edits of the file of its diagnostic, all of them or none. They leave the rest of it as it is. */
export interface Fix {
  /** What it does, in a few words: `change to "needs"`. */
  readonly title: string
  /** In the order of the text, none inside another. */
  readonly edits: readonly TextEdit[]
  /** Whether there is no other way that is as good, so that it may be applied unasked. */
  readonly isSafe: boolean
}

/** A place that a diagnostic is about beside its own. It may be in another file. */
export interface RelatedPlace {
  readonly message: string
  readonly file?: string
  readonly range?: Range
  readonly pointer?: string
}

/**
 * A mistake found in a definition. All of a document's mistakes are collected;
 * none hides another.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** What to do, in a few words, shown under the place: `did you mean "needs"?` */
  readonly hint?: string
  /** What fits there, as a person says it: `an integer`. */
  readonly expected?: string
  /** What stands there, said in the same way: `text or null`. */
  readonly found?: string
  readonly file?: string
  /** Missing where a definition has no text, as one written in TypeScript. */
  readonly range?: Range
  /** JSON Pointer (RFC 6901) into the document. */
  readonly pointer: string
  /** Other places that one has to look at, as the declaration of what is misused. */
  readonly related?: readonly RelatedPlace[]
  /** The best one first. */
  readonly fixes?: readonly Fix[]
  readonly docUrl: string
}

/** Every diagnostic code and what it means. `docs/` has a row for each. */
export const diagnosticCodes = {
  DOCUMENT_TOO_LARGE: 'The text is larger than 256 KiB.',
  YAML_SYNTAX: 'The text is not YAML 1.2 or JSON.',
  YAML_FEATURE: 'Anchors, aliases, tags, merge keys, directives and several documents are not part of the language.',
  TOO_DEEP: 'Lists and maps are nested more than 64 deep.',
  TOO_MANY_NODES: 'The document has more than 20,000 keys and values.',
  DUPLICATE_KEY: 'A map has the same key twice.',
  FORBIDDEN_KEY: 'A key is named `__proto__`, `constructor` or `prototype`.',
  KEY_NOT_TEXT: 'A key is not text.',
  NUMBER_OUT_OF_RANGE: 'A number is not finite, or an integer beyond 2^53-1.',
  TEXT_NOT_UNICODE: 'A text holds half of a surrogate pair, which no Unicode text has.',
  NOT_JSON: 'A definition from code holds a value that JSON cannot hold, or holds itself.',
  UNKNOWN_KEY: 'A key is not part of the language here; `x-*` keys are free.',
  MISSING_KEY: 'A required key is missing.',
  INVALID_VALUE: 'A value is not of the kind that its key takes.',
  NO_VERB: 'A step has no verb.',
  TWO_VERBS: 'A step has more than one verb.',
  DUPLICATE_ID: 'Two steps have one id; ids that differ in case only are one.',
  RESERVED_NAME: 'An id or a name is a word that expressions read as something else.',
  EXPRESSION_SYNTAX: 'An expression cannot be parsed.',
  IMPORT_NOT_FOUND: 'There is no workflow at the path of an import.',
  IMPORT_CYCLE: 'Workflows import each other in a circle.',
  IMPORT_INVALID: 'A workflow that is imported has errors.',
  IMPORT_TOO_DEEP: 'Imports are nested more than 16 deep.',
  IMPORT_TOO_LARGE: 'More than 100 files are imported, or the workflow has more than 4 MiB together with its imports.',
  UNKNOWN_IMPORT: 'No import has this name.',
  UNUSED_IMPORT: 'A workflow is imported, and nothing calls or starts it.',
  UNKNOWN_STEP: 'No step has this id.',
  UNKNOWN_INPUT: 'No input has this name.',
  MISSING_INPUT: 'A workflow is called, started or scheduled without an input that it needs.',
  UNKNOWN_STATE: 'A state machine has no state of this name.',
  UNREACHABLE_STATE: 'No transition leads to a state.',
  REPLY_TO_NO_SIGNAL: 'A `reply` names a step that takes no signal.',
  UNREACHABLE_TRANSITION: 'A transition stands after one that is always taken.',
  DEAD_STATE: 'A state that nothing leads out of when none of its `next` holds.',
  UNKNOWN_AGENT: 'No agent of this name is declared.',
  UNKNOWN_ARTIFACT: 'No artifact of this name is declared, and no path input has it.',
  UNKNOWN_VARIABLE: 'No variable has this name here.',
  UNKNOWN_FIELD: 'A step, its output, the run or the signal has no such field.',
  OUTPUT_NOT_DECLARED: 'The output of a step is read that gives none.',
  STEP_MAY_NOT_HAVE_RUN: 'A step is read that has not completed on every path that leads here.',
  MAYBE_MISSING: 'A value is read that may be missing.',
  MAYBE_NULL: 'A field is read of a value that may be null.',
  WRONG_OPERAND: 'An operator or a function of an expression gets what it does not take.',
  IMPOSSIBLE_COMPARISON: 'A value is compared with one that it never has.',
  CONSTANT_CONDITION: 'A condition is always true, or always false.',
  UNTYPED_VALUE:
    'A value is read, or goes where something certain is wanted, of which nothing is known before the run. Told where that is asked for.',
  MATCH_NOT_EXHAUSTIVE: 'A `match` has no case for a value that it can get, and no default.',
  UNREACHABLE_STEP: 'No path leads to a step.',
  STEP_OUT_OF_SCOPE: 'A step is read where it cannot have ended, or from outside the block that it is in.',
  MISPLACED_NEEDS: '`needs` stands outside `parallel`.',
  NEEDS_CYCLE: 'Steps need each other in a circle.',
  JOIN_UNSATISFIABLE: '`join` asks for more children than there are.',
  LOOP_CONDITION: 'A `repeat` has neither `until` nor `while`, or both.',
  MISPLACED_RETURN: '`return` stands inside `parallel`, `forEach` or `finally`.',
  RETURN_OUTPUTS: 'A `return` leaves out an output, or names one that is not declared.',
  OUTPUT_WITHOUT_VALUE: 'An output has no `value`, and the workflow can end without a `return`.',
  MISPLACED_PATH_RULE: '`under` or `mustExist` stands where nothing keeps it.',
  RETRY_ONCE: 'A step whose effect is `once` would be retried.',
  NESTING_TOO_DEEP: 'Blocks are nested more than 16 deep.',
  UNKNOWN_HANDLER:
    'No handler of this name is registered, or the engine runs no commands, sends no requests or watches no files.',
  NOT_SUPPORTED: 'The engine does not know what to do with this part of the language yet.',
  TEMPLATE_IN_SCRIPT: 'A script holds `${{`; values reach it through `env` only.',
  PROGRAM_NOT_LITERAL: 'The program of an `exec` step is not written out.',
  TYPE_MISMATCH: 'A value does not fit where it goes.',
  IMPOSSIBLE_SCHEMA: 'No value fits a schema.',
  UNKNOWN_SECRET: 'No secret of this name is declared.',
  SECRET_MISPLACED: 'A secret stands where its value would be recorded, shown or compared.',
  UNUSED_SECRET: 'A secret is declared, and nothing uses it.',
  SECRET_IN_PLAIN_TEXT: 'A value looks like a secret that is written out.',
  WAIT_WITHOUT_END: 'A `waitFor`, `ask` or `watch` has no `timeout`, so it can wait for ever.',
} as const

/** The stable name of a kind of mistake. */
export type DiagnosticCode = keyof typeof diagnosticCodes
