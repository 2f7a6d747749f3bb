/**
 * Why a statement may not run inside the transaction of a step; `undefined` where it may. Judged by
 * its text: that a step ends its own transaction, or writes what is the store's, is a mistake to be
 * told of, and no boundary against who means harm.
 */
export function refusalOf(text: string, schemaName: string): string | undefined {
  const bare = withoutLiterals(text)
  const [first, ...others] = bare.split(';').filter((part) => part.trim() !== '')
  if (first === undefined) return 'it has no statement'
  if (others.length > 0) return 'it has several statements'
  const word = /^[\s(]*([a-z]+)/i.exec(first)?.[1]?.toUpperCase() ?? ''
  if (endings.has(word)) return `${word} would end the transaction, or begin another one`
  if (word === 'PREPARE' && /^\s*prepare\s+transaction\b/i.test(first))
    return 'PREPARE TRANSACTION would end the transaction'
  if (namesStore(first, schemaName)) return `it names a table of the store, in the schema ${JSON.stringify(schemaName)}`
  return undefined
}

const endings = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT', 'SAVEPOINT', 'RELEASE'])

// Comments, and texts in any of the ways to quote one; a quoted name stays.
const literals =
  /--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\/|\b[eE]'(?:[^'\\]|\\[^]|'')*'|'(?:[^']|'')*'|\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[^]*?\$\1\$/g

function withoutLiterals(text: string): string {
  return text.replaceAll(literals, (literal) => (literal.startsWith('-') || literal.startsWith('/') ? ' ' : "''"))
}

// A `;` inside of a quoted name parts nothing, but such names do without.
function namesStore(text: string, schemaName: string): boolean {
  const quoted = `"${schemaName.replaceAll('"', '""')}"`
  const names = /^[a-z_][a-z0-9_]*$/.test(schemaName) ? [quoted, `\\b${schemaName}\\b`] : [quoted]
  const found = names
    .map((name, index) => (index === 0 ? name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&') : name))
    .join('|')
  return new RegExp(
    `(?:${found})\\s*\\.\\s*"?(?:plans|runs|journal|snapshots|blobs|inbox|processes|version)\\b`,
    'i',
  ).test(text)
}
