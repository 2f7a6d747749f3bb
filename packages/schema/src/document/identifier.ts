/** What ids and names of inputs, outputs and variables look like. */
export const identifierPattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/** Words that an expression reads as something else: the CEL specification's keywords and reserved words. */
export const expressionKeywords: ReadonlySet<string> = new Set([
  ...['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if'],
  ...['import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'],
])
