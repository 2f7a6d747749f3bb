import { TextDocument } from 'vscode-languageserver-textdocument'
import type { WorkflowContext } from './workflow-context.ts'

/** A text with a `|` for the cursor (or `‸` where the text has bars), and what is around it. */
export function marked(
  text: string,
  files: Readonly<Record<string, string>> = {},
): { readonly context: WorkflowContext; readonly offset: number } {
  const offset = text.search(/‸/) === -1 ? text.lastIndexOf('|') : text.indexOf('‸')
  const whole = text.slice(0, offset) + text.slice(offset + 1)
  return { context: contextOf(whole, files), offset }
}

/** A text as the file `flows/main.segno.yaml`, with other files by their paths. */
export function contextOf(text: string, files: Readonly<Record<string, string>> = {}): WorkflowContext {
  return {
    document: TextDocument.create('file:///project/flows/main.segno.yaml', 'yaml', 1, text),
    file: 'flows/main.segno.yaml',
    read: (path) => files[path],
    workflows: () => Object.keys(files),
  }
}

/** A workflow with these lines after its name. */
export function workflow(...lines: readonly string[]): string {
  return ['segno: 1', 'name: main', ...lines, ''].join('\n')
}
