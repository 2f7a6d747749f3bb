import {
  createConnection,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  ProposedFeatures,
  ResponseError,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  type TextDocumentPositionParams,
} from 'vscode-languageserver/node'
import { isWorkflow } from '@segno/adapters/files'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { CodeActionKind } from 'vscode-languageserver-types'
import { completionsAt } from '../completions.ts'
import { definitionsAt } from '../definitions.ts'
import { hoverAt } from '../hovers.ts'
import { outlineOf } from '../outline.ts'
import { fixAllKind, fixesAt } from '../quick-fixes.ts'
import { highlightsAt, referencesAt } from '../references.ts'
import { renameableAt, renameAt, type RenameRefusal } from '../rename.ts'
import { ProblemBoard, type PlacedContext } from './problem-board.ts'
import { ProjectHandlers } from './project-handlers.ts'
import { version } from './version.ts'
import { pathOf, placeOf, workflowsIn } from './workspace.ts'

/** What a client says of its workspace when it begins. */
interface ServerOptions {
  /** Whether the workspace is trusted, so that its `segno.config.*` may be executed to learn its handlers. */
  readonly config?: boolean
}

/** What the server knows of the workspace. */
interface Session {
  folders: string[]
  trustsConfig: boolean
  watchesFiles: boolean
}

/** Speaks the Language Server Protocol over stdin and stdout until the client ends it, or is gone. */
export function serve(): void {
  const connection = createConnection(ProposedFeatures.all, process.stdin, process.stdout)
  const documents = new TextDocuments(TextDocument)
  const session: Session = { folders: [], trustsConfig: false, watchesFiles: false }
  const handlers = new ProjectHandlers((message) => connection.console.warn(message))
  const contextOf = async (document: TextDocument): Promise<PlacedContext> => {
    const place = placeOf(document.uri, { folders: session.folders, documents: documents.all() })
    const workflows = (): string[] => workflowsIn(place.folder)
    const told = session.trustsConfig
      ? await handlers.of(pathOf(document.uri).replace(/[\\/][^\\/]*$/, ''), place.folder)
      : undefined
    const known = told && { handlers: told.contracts, performs: told.performs }
    return { place, context: { document, file: place.file, read: place.read, workflows, ...known } }
  }
  const board = new ProblemBoard(connection, documents, contextOf)
  begin(connection, session)
  connection.onDidChangeWatchedFiles(() => {
    handlers.forget()
    board.changedAround()
  })
  documents.onDidChangeContent(({ document }) => board.changed(document.uri))
  documents.onDidClose(({ document }) => board.closed(document.uri))
  answer(connection, documents, { board, contextOf })
  documents.listen(connection)
  connection.listen()
}

function begin(connection: Connection, session: Session): void {
  connection.onInitialize((params): InitializeResult => {
    const { workspaceFolders, capabilities } = params
    const options = params.initializationOptions as ServerOptions | null | undefined
    session.folders = (workspaceFolders ?? rootOf(params)).map(({ uri }) => pathOf(uri))
    session.trustsConfig = options?.config === true
    session.watchesFiles = capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    return { serverInfo: { name: 'segno-language-server', version }, capabilities: abilities }
  })
  connection.onInitialized(() => {
    if (!session.watchesFiles) return
    const watchers = ['**/*.segno.{yaml,yml}', '**/segno.config.{ts,js,mjs}'].map((globPattern) => ({ globPattern }))
    connection.client
      .register(DidChangeWatchedFilesNotification.type, { watchers })
      .catch((error: unknown) => connection.console.warn(String(error)))
  })
}

// Before there were workspaces of several folders, a client had one.
function rootOf(params: InitializeParams): readonly { readonly uri: string }[] {
  const { rootUri } = params
  return rootUri === null || rootUri === undefined ? [] : [{ uri: rootUri }]
}

const abilities: InitializeResult['capabilities'] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: ['.', '"', "'", ' ', '['] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  renameProvider: { prepareProvider: true },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix, fixAllKind] },
}

interface Means {
  readonly board: ProblemBoard
  readonly contextOf: (document: TextDocument) => Promise<PlacedContext>
}

function answer(connection: Connection, documents: TextDocuments<TextDocument>, { board, contextOf }: Means): void {
  // Of what is not open nothing is known, and other YAML is other servers' business.
  const documentAt = (uri: string): TextDocument | undefined => (isWorkflow(uri) ? documents.get(uri) : undefined)
  /** Asks about a place of a workflow. */
  const at = async <Answer>(
    { textDocument, position }: TextDocumentPositionParams,
    ask: (found: PlacedContext & { readonly offset: number; readonly document: TextDocument }) => Answer,
  ): Promise<Awaited<Answer> | null> => {
    const document = documentAt(textDocument.uri)
    if (!document) return null
    return await ask({ ...(await contextOf(document)), document, offset: document.offsetAt(position) })
  }
  connection.onCompletion((params) => at(params, ({ context, offset }) => completionsAt(context, offset)))
  connection.onHover((params) =>
    at(params, async ({ context, document, offset }) => {
      const problems = await board.problemsOf(document)
      const diagnostics = problems.map(({ diagnostic }) => diagnostic)
      return hoverAt(context, offset, diagnostics) ?? null
    }),
  )
  connection.onDefinition((params) =>
    at(params, ({ context, place, offset }) =>
      definitionsAt(context, offset).map(({ file, range }) => ({ uri: place.uriOf(file), range })),
    ),
  )
  connection.onReferences((params) =>
    at(params, ({ context, offset }) =>
      referencesAt(context, offset, params.context.includeDeclaration).map((range) => ({
        uri: params.textDocument.uri,
        range,
      })),
    ),
  )
  connection.onDocumentHighlight((params) => at(params, ({ context, offset }) => highlightsAt(context, offset)))
  connection.onPrepareRename((params) => at(params, ({ context, offset }) => granted(renameableAt(context, offset))))
  connection.onRenameRequest((params) =>
    at(params, ({ context, offset }) => {
      const { edits } = granted(renameAt(context, offset, params.newName))
      return { changes: { [params.textDocument.uri]: [...edits] } }
    }),
  )
  connection.onDocumentSymbol(async ({ textDocument: { uri } }) => {
    const document = documentAt(uri)
    return document ? outlineOf((await contextOf(document)).context) : []
  })
  connection.onCodeAction(async ({ textDocument: { uri }, range, context: { only } }) => {
    const document = documentAt(uri)
    const actions = document ? fixesAt(await board.problemsOf(document), range, uri) : []
    const isAsked = (kind: string): boolean =>
      only === undefined || only.some((one) => kind === one || kind.startsWith(`${one}.`))
    return actions.filter(({ kind = '' }) => isAsked(kind))
  })
}

function granted<Result extends object>(result: Result | RenameRefusal): Result {
  if ('reason' in result) throw new ResponseError(ErrorCodes.InvalidRequest, result.reason)
  return result
}
