/**
 * Every limit of the expression language. They are part of the language: a
 * definition that fits today fits on any machine.
 */
export const expressionLimits = {
  /** Length of an expression's text, in UTF-16 units. */
  sourceMax: 65_536,
  /** How deep an expression may nest. Operators in a row nest: `a + b + c` is two deep. */
  depthMax: 128,
  /** How many brackets may stand within each other, and how long an access chain like `a.b[0]` may be. */
  bracketsMax: 249,
  /** How many elements, entries or arguments may be written out in one list, map or call. */
  elementsMax: 1000,
  /** Cost units of one evaluation; see `Evaluation`. */
  costMax: 10_000,
  /** Length of a string that an expression makes, in UTF-16 units. */
  textMax: 65_536,
  /** Length of a string that a template puts together, in UTF-16 units. */
  templateTextMax: 1_048_576,
  /**
   * Length of the JSON of a list or map that an expression makes or a template puts together, escapes not counted.
   * What is longer is more than a run keeps.
   */
  valueTextMax: 8_388_608,
  /** How deep a template's lists and objects may nest. */
  templateDepthMax: 64,
  /** How deep a value may nest that is compared or converted. */
  valueDepthMax: 256,
} as const
