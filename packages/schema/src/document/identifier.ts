/** What ids and names of inputs, outputs and variables look like. */
export const identifierPattern = /^[A-Za-z][A-Za-z0-9_]{0,63}$/

/** The keywords of CEL: not even a name after a dot. */
export const keywords: ReadonlySet<string> = new Set(['true', 'false', 'null', 'in'])

/** The words that CEL keeps for its host languages: names after a dot, but no variables. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package'],
  ...['namespace', 'return', 'var', 'void', 'while'],
])
