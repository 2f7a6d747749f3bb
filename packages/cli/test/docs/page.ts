import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** A fenced block of a page. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Of its first line, from 1. */
  readonly line: number
  /** What its first line calls it (`// main.ts`, `# hello.segno.yaml`), or else after the line that it begins on. */
  readonly file: string
  /** The prose between this block and the next block or heading. */
  readonly after: string
}

/** A page of the documentation. */
export interface Page {
  /** From the folder of the repository, such as `docs/05-language.md`. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly Block[]
}

/** The pages that are written by hand. */
export function allPages(): Page[] {
  const chapters = readdirSync(`${root}docs`).filter((name) => name.endsWith('.md'))
  return ['README.md', ...chapters.toSorted().map((name) => `docs/${name}`)].map(readPage)
}

export function readPage(path: string): Page {
  const text = readFileSync(root + path, 'utf8')
  return { path, text, blocks: blocksOf(text) }
}

/** The text below a heading, up to the next heading of the same depth or less. */
export function sectionOf({ path, text }: Page, heading: string): string {
  const lines = text.split('\n')
  const headings = headingsOf(lines)
  const start = headings.findIndex(({ words }) => words === heading)
  const own = headings[start]
  if (own === undefined) throw new Error(`${path} has no heading "${heading}"`)
  const next = headings.slice(start + 1).find(({ depth }) => depth <= own.depth)
  return lines.slice(own.at + 1, next?.at).join('\n')
}

// In a fenced block, a line that begins like one is a comment.
function headingsOf(
  lines: readonly string[],
): { readonly at: number; readonly depth: number; readonly words: string }[] {
  let isFenced = false
  return lines.flatMap((line, at) => {
    if (line.startsWith('```')) isFenced = !isFenced
    const [, marks = '', words = ''] = (isFenced ? null : /^(#+) (.*)$/.exec(line)) ?? []
    return marks === '' ? [] : [{ at, depth: marks.length, words }]
  })
}

/** The cells of each row of the tables in a text, without heads and rules. */
export function rowsOf(text: string): string[][] {
  const rows = text.split('\n').map((line) => (line.startsWith('|') ? line : undefined))
  return rows.flatMap((row, index) => {
    const isHead = rows[index - 1] === undefined
    if (row === undefined || isHead || /^\|[\s|:-]+$/.test(row)) return []
    return [
      row
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ]
  })
}

function blocksOf(text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\w+)$/.exec(lines[at] ?? '')?.[1]
    if (language === undefined) continue
    const end = lines.indexOf('```', at + 1)
    const body = lines.slice(at + 1, end)
    const next = lines.slice(end + 1).findIndex((line) => /^(```|#+ )/.test(line))
    const after = lines
      .slice(end + 1, next === -1 ? undefined : end + 1 + next)
      .join('\n')
      .trim()
    const named = /^(?:\/\/|#) (\S+\.\w+)$/.exec(body[0] ?? '')?.[1]
    blocks.push({
      language,
      text: `${body.join('\n')}\n`,
      line: at + 2,
      file: named ?? `line-${at + 2}.${language}`,
      after,
    })
    at = end
  }
  return blocks
}
