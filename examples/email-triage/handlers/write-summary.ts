import { join } from 'node:path'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { Filing } from './contract.ts'
import { writeWhole } from './write-whole.ts'

const Input = z.strictObject({
  folder: z.string(),
  filings: z.array(Filing),
  failure: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
})
const Output = z.strictObject({ path: z.string() })

/** Writes `summary.md` below `root`: one row per mail, and why the run failed if it did. */
export function writeSummary(root: string): HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> {
  return {
    input: Input,
    output: Output,
    async perform(_context, { folder, filings, failure }) {
      const rows = filings.map(({ mail, filedAs, path, reasons }) =>
        row([mail, filedAs, path ?? '', reasons.join('; ')]),
      )
      const table = [row(['mail', 'filed as', 'where', 'why']), row(['---', '---', '---', '---']), ...rows]
      const end = failure === null ? [] : ['', `The run failed: ${failure.code}: ${failure.message}`]
      await writeWhole(join(root, folder, 'summary.md'), ['# Mails', '', ...table, ...end, ''].join('\n'))
      return { path: 'summary.md' }
    },
  }
}

// What mails say is data: a bar or a line break in it ends no cell.
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/[\r\n]+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`
}
