import type { Compilation } from './compilation.ts'
import type { Place, SyntaxNode } from './syntax-node.ts'

/** A name in an access chain, and its offsets in the text. */
export interface Name {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** The name after `.`, or the constant string between brackets. */
export function constantName(node: SyntaxNode): Name | undefined {
  if (node.op === '.') return { text: node.args[1], start: node.pos, end: node.end }
  if (node.op !== '[]') return undefined
  const [, index] = node.args
  if (index.op !== 'value' || typeof index.args !== 'string') return undefined
  return { text: index.args, ...innerRange(index, index.args) }
}

// Without its quotes where the text has the name as it is, so that an edit can replace just the name. Escapes and
// prefixes, and three quotes, make a literal longer than that.
function innerRange({ start, end }: Place, name: string): Place {
  return end - start === name.length + 2 ? { start: start + 1, end: end - 1 } : { start, end }
}

/**
 * Notes what the chain that ends at `node` reads from outside the expression.
 * A step is known by its text alone, so that a definition can be checked and a
 * host can keep just the outputs that are read: `steps` by itself, or with a
 * computed id, is a mistake.
 */
export function recordReference(compilation: Compilation, node: SyntaxNode, guarded: boolean): void {
  const names: Name[] = []
  let link = node
  let end = node.end
  while (link.op === '.' || link.op === '[]') {
    const name = constantName(link)
    if (name === undefined) {
      names.length = 0
      end = link.args[0].end
    } else {
      names.unshift(name)
    }
    link = link.args[0]
  }
  if (link.op !== 'id' || compilation.variables.includes(link.args)) return
  const [root, start] = [link.args, link.start]
  if (root === 'steps' && names.length < 2) {
    compilation.refuse('a step is read by its id and a field, both written out: `steps.review.output`', start, node.end)
    return
  }
  const places = [{ start, end: link.end }, ...names.map((name) => ({ start: name.start, end: name.end }))]
  const path = names.map((name) => name.text)
  compilation.references.push({ root, path, guarded, start, end, names: places })
}
