import { printable, type Look, type Style } from './terminal.ts'
import type { Mark, Section } from './diff-sections.ts'

const styles: Readonly<Record<Mark, Style | undefined>> = { '+': 'green', '-': 'red', '~': 'yellow', ' ': undefined }
const nameMax = 40

/** A comparison for a terminal. */
export function diffText(names: readonly [string, string], sections: readonly Section[], { paint }: Look): string {
  const blocks = sections.map(({ title, rows }) => {
    const width = Math.min(nameMax, Math.max(...rows.map(({ name }) => name.length)))
    const lines = rows.map(({ mark, name, text }) => {
      const line = `  ${mark} ${printable(name).padEnd(width)}  ${text}`.trimEnd()
      const style = styles[mark]
      return style === undefined ? line : paint(style, line)
    })
    return `${paint('bold', title)}\n${lines.join('\n')}\n`
  })
  const head = `${names.map(printable).join(' → ')}\n`
  return `${head}\n${blocks.length === 0 ? 'no difference\n' : blocks.join('\n')}`
}

/** The same as Markdown, for a comment or a report. */
export function diffMarkdown(names: readonly [string, string], sections: readonly Section[]): string {
  const blocks = sections.map(({ title, rows }) => {
    const lines = rows.map(({ mark, name, text }) => `| ${mark.trim()} | ${code(name)} | ${code(text)} |`)
    return `### ${title}\n\n|   | where | what |\n|---|---|---|\n${lines.join('\n')}\n`
  })
  const head = `## ${names.map(code).join(' → ')}\n`
  return `${head}\n${blocks.length === 0 ? 'No difference.\n' : blocks.join('\n')}`
}

// A text that holds a mark of its own gets a longer fence; a bar would end the cell.
function code(text: string): string {
  const plain = printable(text).replaceAll('|', '\\|')
  if (plain === '') return ''
  return plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``
}
