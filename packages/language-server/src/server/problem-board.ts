import { isWorkflow } from '@segno/adapters/files'
import type { Connection, TextDocuments } from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { problemOf } from '../problems.ts'
import { problemsIn } from '../told-problems.ts'
import type { ToldProblem } from '../quick-fixes.ts'
import type { WorkflowContext } from '../workflow-context.ts'
import { docsOf } from './docs-page.ts'
import type { DocumentPlace } from './workspace.ts'

/** A document, and where it stands. */
export interface PlacedContext {
  readonly context: WorkflowContext
  readonly place: DocumentPlace
}

/** What is wrong with one version of a document. */
interface Checked {
  readonly version: number
  readonly problems: readonly ToldProblem[]
  readonly imported: ReadonlySet<string>
}

// As long as a person pauses between two words.
const pauseMs = 150

/** Checks documents while they are being written, and tells the editor what is wrong with them. */
export class ProblemBoard {
  readonly #connection: Connection
  readonly #documents: TextDocuments<TextDocument>
  readonly #contextOf: (document: TextDocument) => Promise<PlacedContext>
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #checked = new Map<string, Checked>()

  constructor(
    connection: Connection,
    documents: TextDocuments<TextDocument>,
    contextOf: (document: TextDocument) => Promise<PlacedContext>,
  ) {
    this.#connection = connection
    this.#documents = documents
    this.#contextOf = contextOf
  }

  /** Checks a document once nothing has been written for a moment, and those that import it. */
  changed(uri: string): void {
    this.#plan(uri)
    for (const [other, { imported }] of this.#checked) if (other !== uri && imported.has(uri)) this.#plan(other)
  }

  /** Checks every open document: something around them has changed. */
  changedAround(): void {
    for (const uri of this.#documents.keys()) this.#plan(uri)
  }

  closed(uri: string): void {
    clearTimeout(this.#timers.get(uri))
    this.#timers.delete(uri)
    this.#checked.delete(uri)
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] })
    // Those that import it read it from the disk again.
    for (const [other, { imported }] of this.#checked) if (imported.has(uri)) this.#plan(other)
  }

  /** What is wrong with a document as it is now. */
  async problemsOf(document: TextDocument): Promise<readonly ToldProblem[]> {
    const known = this.#checked.get(document.uri)
    if (known?.version === document.version) return known.problems
    return (await this.#check(document)).problems
  }

  #plan(uri: string): void {
    if (!isWorkflow(uri)) return
    clearTimeout(this.#timers.get(uri))
    const timer = setTimeout(() => {
      this.#timers.delete(uri)
      const document = this.#documents.get(uri)
      if (document) this.#publish(document).catch((error: unknown) => this.#connection.console.error(String(error)))
    }, pauseMs)
    this.#timers.set(uri, timer)
  }

  async #publish(document: TextDocument): Promise<void> {
    const { version, uri } = document
    const { problems } = await this.#check(document)
    // While it was checked, a newer one may have come, which will be checked too.
    if (this.#documents.get(uri)?.version !== version) return
    await this.#connection.sendDiagnostics({ uri, version, diagnostics: problems.map(({ problem }) => problem) })
  }

  async #check(document: TextDocument): Promise<Checked> {
    const { version, uri } = document
    const { context, place } = await this.#contextOf(document)
    const { diagnostics, imported } = problemsIn(context)
    const links = { uriOf: (file: string) => place.uriOf(file), docsOf }
    const problems = diagnostics.map((diagnostic) => ({
      diagnostic,
      problem: problemOf(diagnostic, context.file, links),
    }))
    const checked = { version, problems, imported: new Set(imported.map((file) => place.uriOf(file))) }
    if (this.#documents.get(uri)?.version === version) this.#checked.set(uri, checked)
    return checked
  }
}
