/** What `segno explain` tells, read from the tables of `docs/09-errors.md`, which is the one place where it is written. */
import { readPage, rowsOf, sectionOf } from './page.ts'

/** Where the explanations are kept for the published command, which has no documentation with it. */
export const explanationsFile = 'packages/cli/src/explain/codes.generated.json'

const kinds = [
  ['Diagnostics', 'diagnostic'],
  ['Failures', 'failure'],
  ['Errors', 'error'],
  ['Storage faults', 'storage fault'],
  ['Command', 'command'],
] as const

/** The content of that file. */
export function explanationsText(): string {
  const page = readPage('docs/09-errors.md')
  const all = kinds.flatMap(([heading, kind]) =>
    rowsOf(sectionOf(page, heading)).map((cells) => explanation(kind, cells)),
  )
  return `${JSON.stringify(all, null, 2)}\n`
}

function explanation(kind: string, [first = '', means = '', why = '', what = '']: readonly string[]): object {
  const [, anchor = '', code = ''] = /^<a id="([^"]+)"><\/a>`([A-Z_]+)`$/.exec(first) ?? []
  const isWarning = means.startsWith('*Warning.* ')
  const severity = isWarning ? 'warning' : 'error'
  return {
    code,
    kind,
    ...(kind === 'diagnostic' && { severity }),
    means: plain(means.replace('*Warning.* ', '')),
    ...(why !== '' && { why: plain(why) }),
    what: plain(what),
    docUrl: `docs/09-errors.md#${anchor}`,
  }
}

// A terminal follows no links, and a bar needs no escape there.
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\\|', '|')
}
