import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { getLanguageService, TextDocument, type CompletionItem, type MarkupContent } from 'yaml-language-server'

/** Marks the place of the cursor in a text. */
export const cursor = '‸'

/** An editor with the YAML language server. */
export interface Editor {
  /** What is underlined: the line, from 1, and what is said of it. */
  problems(text: string, path?: string): Promise<readonly string[]>
  /** What is offered at the cursor. */
  offers(marked: string, path?: string): Promise<readonly CompletionItem[]>
  /** The text that is left when an offer is taken, with every place to fill in as it was proposed. */
  taken(marked: string, label: string): Promise<string>
  /** What is shown for the word behind the cursor. */
  shown(marked: string, path?: string): Promise<string>
}

const published = pathToFileURL(
  createRequire(import.meta.url).resolve('@segno/schema/workflow.draft-07.schema.json'),
).href

// The server keeps documents by their name and version, of all editors together.
let opened = 0

/**
 * Opens an editor, whose files have the published schema, or `schema`, unless they name another. It reads schemas from
 * files, and reaches for nothing else.
 */
export function openEditor(schema?: object): Editor {
  const service = serviceWith(schema)
  // Two packages declare what a document is, each in its own words.
  const open = (text: string, path = `/workflows/${(opened += 1)}.yaml`): Document =>
    TextDocument.create(pathToFileURL(path).href, 'yaml', (opened += 1), text) as unknown as Document
  const openAt = (marked: string, path?: string): [Document, ReturnType<Document['positionAt']>] => {
    const document = open(marked.replace(cursor, ''), path)
    return [document, document.positionAt(marked.indexOf(cursor))]
  }
  const offers: Editor['offers'] = async (marked, path) => {
    const { items } = await service.doComplete(...openAt(marked, path), false)
    return items
  }
  return {
    offers,
    async problems(text, path) {
      const found = await service.doValidation(open(text, path), false)
      return found.map(({ range, message }) => `${range.start.line + 1}: ${String(message)}`)
    },
    async taken(marked, label) {
      const item = (await offers(marked)).find((one) => one.label === label)
      if (item === undefined) throw new Error(`"${label}" is not offered`)
      return withOffer(marked, item)
    },
    async shown(marked, path) {
      const hover = await service.doHover(...openAt(marked, path))
      return (hover?.contents as MarkupContent | undefined)?.value ?? ''
    },
  }
}

type Service = ReturnType<typeof getLanguageService>
type Document = Parameters<Service['doHover']>[0]

function serviceWith(schema: object | undefined): Service {
  const service = getLanguageService({
    schemaRequestService: async (uri) => readFileSync(fileURLToPath(uri), 'utf8'),
    workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
  })
  const uri = schema === undefined ? published : 'file:///given.schema.json'
  service.configure({
    ...{ validate: true, completion: true, hover: true, hoverSchemaSource: false },
    schemas: [{ uri, fileMatch: ['*.yaml'], ...(schema && { schema }) }],
  })
  return service
}

// As an editor inserts a snippet: further lines begin where the first one does.
function withOffer(marked: string, { textEdit, insertText }: CompletionItem): string {
  const document = TextDocument.create('file:///x.yaml', 'yaml', 1, marked.replace(cursor, ''))
  const text = document.getText()
  const at = marked.indexOf(cursor)
  const range = textEdit && 'range' in textEdit ? textEdit.range : undefined
  const [start, end] = range ? [document.offsetAt(range.start), document.offsetAt(range.end)] : [at, at]
  const [indent = ''] = /^ */.exec(text.slice(text.lastIndexOf('\n', start - 1) + 1)) ?? []
  const written = filledIn(textEdit?.newText ?? insertText ?? '').replaceAll('\n', `\n${indent}`)
  return text.slice(0, start) + written + text.slice(end)
}

function filledIn(snippet: string): string {
  const innermost = snippet
    .replace(/(?<!\\)\$\{\d+:((?:[^{}\\]|\\.)*)\}/g, '$1')
    .replace(/(?<!\\)\$\{\d+\|([^,|]*)[^|]*\|\}/g, '$1')
  if (innermost !== snippet) return filledIn(innermost)
  return snippet.replace(/(?<!\\)\$\d+/g, '').replace(/\\([$}\\])/g, '$1')
}
