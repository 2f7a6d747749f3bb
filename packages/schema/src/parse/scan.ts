import { CST, Lexer } from 'yaml'
import type { TextMistake } from './text-mistake.ts'
import { slotHint } from './slot-hint.ts'

/** How deep lists and maps may be nested. */
export const depthMax = 64

/**
 * Looks at the tokens of a text before it is parsed: for what the language does
 * without, and for nesting so deep that the parser, which recurses, could
 * overflow the stack. The lexer does not recurse.
 */
export function scan(text: string): { readonly mistakes: readonly TextMistake[]; readonly tooDeep: boolean } {
  const mistakes: TextMistake[] = []
  const nesting = createNesting()
  let offset = 0
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token)
    // The lexer's own marks are not in the text.
    if (type === 'doc-mode' || type === 'flow-error-end' || token === CST.SCALAR) continue
    const place = { start: offset, end: offset + token.length }
    if (nesting.enter(type, token) > depthMax + columnSlack) {
      const message = `lists and maps are nested more than ${depthMax} deep`
      return { mistakes: [...mistakes, { code: 'TOO_DEEP', message, ...place }], tooDeep: true }
    }
    const feature = type === null ? undefined : refusedFeatures.get(type)
    if (feature !== undefined) {
      const hint = slotHint(text, offset)
      mistakes.push({ code: 'YAML_FEATURE', message: `${feature} are not part of the language`, hint, ...place })
    }
    offset += token.length
  }
  return { mistakes, tooDeep: false }
}

const refusedFeatures: ReadonlyMap<CST.TokenType | 'null', string> = new Map([
  ['anchor', 'anchors'],
  ['alias', 'aliases'],
  ['tag', 'tags'],
  ['directive-line', 'directives'],
])

// On one line, a key, its colon and its value stand at three columns of which
// only the first is a level.
const columnSlack = 2

interface Nesting {
  /** Takes a token and gives the depth at it. */
  enter(type: CST.TokenType | null, token: string): number
}

// In block style a level is a column further to the right; in flow style, a bracket.
function createNesting(): Nesting {
  const columns: number[] = []
  let flow = 0
  let column = 0
  return {
    enter(type, token) {
      if (type === 'flow-seq-start' || type === 'flow-map-start') flow++
      else if (type === 'flow-seq-end' || type === 'flow-map-end') flow = Math.max(0, flow - 1)
      else if (flow === 0 && type !== 'space' && type !== 'newline' && type !== 'comment') {
        while ((columns.at(-1) ?? -1) > column) columns.pop()
        if ((columns.at(-1) ?? -1) < column) columns.push(column)
      }
      const lastBreak = token.lastIndexOf('\n')
      column = lastBreak === -1 ? column + token.length : token.length - lastBreak - 1
      return columns.length + flow
    },
  }
}
