/** Every limit of what is kept of a type. What goes beyond is taken for less known, never for more. */
export const typeLimits = {
  /** Lists and maps of one union; more of them become one list and one map. */
  membersMax: 64,
  /** Literals of one union; more of them become text, a number or true and false. */
  literalsMax: 256,
  /** How many elements of a list have a type of their own. */
  elementsMax: 64,
  /** How deep a type is looked into; also how deep the schema or the value may nest that it is made of. */
  depthMax: 128,
  /** How many types are made of one schema. */
  nodesMax: 10_000,
  /** How often a `$ref` is followed inside of what it leads to. */
  turnsMax: 3,
  /** How many pairs of types one comparison looks at. */
  effortMax: 50_000,
  /** Length of a type in words, in UTF-16 units, without the `…`. */
  wordsMax: 80,
} as const
