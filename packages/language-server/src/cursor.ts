import { treeOf, type TextNode, type TextTree } from './text-tree.ts'

/** What is being written at a place of a text. */
export interface Cursor {
  /** The text with a mark at the place, and as much put right around it as makes it YAML. */
  readonly tree: TextTree
  /** Where the mark is: a key, or a value. */
  readonly node: TextNode
  readonly part: 'key' | 'value'
  /** Of the key or the value, what stands before the place. */
  readonly before: string
  /** Of the value, what stands behind it. */
  readonly after: string
}

/** What stands at the place of a cursor while the text is read: a word that no file has. */
export const mark = 'segnoCursorMark'

/**
 * Finds out what is being written at an offset. The text is mostly broken there:
 * the mark is put in as a word, as a key, and with all closed that is open on the
 * line; what leaves the fewest mistakes is taken.
 */
export function cursorsAt(text: string, offset: number): Cursor[] {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1
  const lineBreak = text.indexOf('\n', offset)
  const lineEnd = lineBreak === -1 ? text.length : lineBreak
  const [before, after] = [text.slice(lineStart, offset), text.slice(offset, lineEnd)]
  const [above, below] = [text.slice(0, lineStart), text.slice(lineEnd)]
  const closed = `${before}${mark}${closersOf(before)}`
  const isAlone = /^\s*(?:- +)*-?[\w$-]*$/.test(before) && /^[\w$-]*\s*(?:#.*)?$/.test(after)
  const lines = [
    `${before}${mark}${after}`,
    ...(isAlone ? [`${before}${mark}${after.trimEnd()}:`] : []),
    closed,
    ...(/^[\s-]*$/.test(before) ? [] : [`${before}${mark}:${closersOf(before)}`]),
  ]
  const found = lines.flatMap((line) => {
    const tree = treeOf(above + line + below)
    const cursor = cursorIn(tree)
    return cursor ? [cursor] : []
  })
  const least = Math.min(...found.map(({ tree }) => tree.errors))
  const best = found.filter(({ tree }) => tree.errors === least)
  // A word that stands alone may be a value, or a key whose colon is not there yet.
  const first = best[0]
  const other = best.find(({ part }) => part !== first?.part)
  return [...(first ? [first] : []), ...(isAlone && other ? [other] : [])]
}

function cursorIn(tree: TextTree): Cursor | undefined {
  const search = (node: TextNode): Cursor | undefined => {
    const key = node.key?.text ?? ''
    const inKey = key.indexOf(mark)
    if (inKey !== -1) return { tree, node, part: 'key', before: key.slice(0, inKey), after: '' }
    if (typeof node.value === 'string' && node.kind === 'scalar') {
      const at = node.value.indexOf(mark)
      if (at === -1) return undefined
      const after = node.value.slice(at + mark.length)
      return { tree, node, part: 'value', before: node.value.slice(0, at), after }
    }
    for (const child of node.children) {
      const found = search(child)
      if (found) return found
    }
    return undefined
  }
  return search(tree.root)
}

/** What closes the quotes and brackets that are open at the end of a line. */
function closersOf(line: string): string {
  const open: string[] = []
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? ''
    const quote = open.at(-1)
    if (quote === '"' || quote === "'") {
      if (character === '\\' && quote === '"') index++
      else if (character === quote) open.pop()
    } else if (line.startsWith('${{', index)) {
      const end = line.indexOf('}}', index)
      if (end === -1) return [' }}', ...open.toReversed()].join('')
      index = end + 1
    } else if (character === '[') open.push(']')
    else if (character === '{') open.push('}')
    else if (character === ']' || character === '}') open.pop()
    else if ((character === '"' || character === "'") && /[\s,:[{(-]$/.test(line.slice(0, index))) open.push(character)
  }
  const templated = line.lastIndexOf('${{') > line.lastIndexOf('}}')
  return [...(templated ? [' }}'] : []), ...open.toReversed()].join('')
}
