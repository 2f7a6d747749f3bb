import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
  type MessageConnection,
} from 'vscode-jsonrpc/node'
import type { PublishDiagnosticsParams, TextEdit } from 'vscode-languageserver-protocol'
import { TextDocument } from 'vscode-languageserver-textdocument'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A folder with files of these texts. */
export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'segno-language-server-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** A client that speaks with a server in a process of its own. */
export class Client {
  readonly server: ChildProcess
  readonly connection: MessageConnection
  readonly folder: string
  /** What the server ended with: its exit code, or the signal. */
  readonly ended: Promise<number | NodeJS.Signals | null>
  readonly #documents = new Map<string, TextDocument>()
  readonly #published: PublishDiagnosticsParams[] = []
  #awaited: (() => void)[] = []

  constructor(folder: string) {
    this.folder = folder
    this.server = spawn(process.execPath, ['--conditions=@segno/source', main, '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.ended = new Promise((resolve) => this.server.on('exit', (code, signal) => resolve(code ?? signal)))
    const { stdin, stdout } = this.server
    if (!stdin || !stdout) throw new Error('the server has no pipes')
    this.connection = createMessageConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin))
    this.connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
      this.#published.push(params)
      for (const told of this.#awaited.splice(0)) told()
    })
    this.connection.onRequest('client/registerCapability', () => null)
    this.connection.listen()
  }

  async initialize(options: object = {}): Promise<unknown> {
    const result = await this.connection.sendRequest('initialize', {
      processId: process.pid,
      capabilities: { workspace: { didChangeWatchedFiles: { dynamicRegistration: true } } },
      workspaceFolders: [{ uri: pathToFileURL(this.folder).href, name: 'test' }],
      ...options,
    })
    await this.connection.sendNotification('initialized', {})
    return result
  }

  uriOf(file: string): string {
    return pathToFileURL(join(this.folder, file)).href
  }

  async open(file: string, text: string): Promise<void> {
    const uri = this.uriOf(file)
    this.#documents.set(file, TextDocument.create(uri, 'yaml', 1, text))
    const textDocument = { uri, languageId: 'yaml', version: 1, text }
    await this.connection.sendNotification('textDocument/didOpen', { textDocument })
  }

  /** Changes the open text as an editor does, by edits. */
  async change(file: string, edits: readonly TextEdit[]): Promise<void> {
    const document = this.document(file)
    const text = TextDocument.applyEdits(document, [...edits])
    const version = document.version + 1
    this.#documents.set(file, TextDocument.create(document.uri, 'yaml', version, text))
    // From the end, so that no change moves the place of the next one.
    const contentChanges = edits.toReversed().map(({ range, newText }) => ({ range, text: newText }))
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: document.uri, version },
      contentChanges,
    })
  }

  document(file: string): TextDocument {
    const document = this.#documents.get(file)
    if (!document) throw new Error(`${file} is not open`)
    return document
  }

  /** Asks about the place behind the first occurrence of a text, or before the `|` in it. */
  async ask<Answer>(method: string, file: string, marked: string, more: object = {}): Promise<Answer> {
    const document = this.document(file)
    const [before = '', after = ''] = marked.split('|')
    const at = document.getText().indexOf(before + after)
    if (at === -1) throw new Error(`${file} has no ${before}${after}`)
    const position = document.positionAt(at + before.length)
    return await this.connection.sendRequest(method, { textDocument: { uri: document.uri }, position, ...more })
  }

  /** What the server says is wrong with the text as it is now. */
  async diagnostics(file: string): Promise<PublishDiagnosticsParams> {
    const { uri, version } = this.document(file)
    for (;;) {
      const found = this.#published.find((told) => told.uri === uri && told.version === version)
      if (found) return found
      await new Promise<void>((resolve) => this.#awaited.push(resolve))
    }
  }

  /** The versions of a text for which the server has told what is wrong. */
  versionsOf(file: string): (number | undefined)[] {
    return this.#published.filter(({ uri }) => uri === this.uriOf(file)).map(({ version }) => version)
  }

  /** Forgets what was told, so that only news count. */
  forget(): void {
    this.#published.length = 0
  }

  async shutdown(): Promise<void> {
    await this.connection.sendRequest('shutdown')
  }

  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.connection.sendNotification('exit')
    return await this.ended
  }
}
