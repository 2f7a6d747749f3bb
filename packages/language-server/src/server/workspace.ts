import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findWorkflows, importReader } from '@segno/adapters/files'
import type { ReadImport } from '@segno/schema'
import type { TextDocument } from 'vscode-languageserver-textdocument'

/** Where a document stands, and how other files are found from there. */
export interface DocumentPlace {
  /** The folder of the workspace that it is in, or else its own. */
  readonly folder: string
  /** Its path from that folder, with `/`. */
  readonly file: string
  readonly read: ReadImport
  /** The URI of a file that is spelled as `file` is. */
  uriOf(file: string): string
}

/** Finds the place of a document. What other documents hold is read from them first, as the editor shows it. */
export function placeOf(
  uri: string,
  { folders, documents }: { readonly folders: readonly string[]; readonly documents: readonly TextDocument[] },
): DocumentPlace {
  const path = pathOf(uri)
  const around = folders.filter((folder) => isInside(path, folder)).toSorted((a, b) => b.length - a.length)[0]
  const folder = around ?? dirname(path)
  const open = new Map(documents.map((document) => [pathOf(document.uri), document]))
  const fromDisk = importReader(folder, [folder])
  return {
    folder,
    file: relative(folder, path).replaceAll(sep, '/'),
    read(imported) {
      const target = resolve(folder, imported)
      const known = isInside(target, folder) && !isLink(target, folder) ? open.get(target) : undefined
      return known ? known.getText() : fromDisk(imported)
    },
    uriOf: (file) => pathToFileURL(resolve(folder, file)).href,
  }
}

/** The path of a document; of one that is no file, a path that leads nowhere. */
export function pathOf(uri: string): string {
  try {
    return fileURLToPath(uri)
  } catch {
    return join(process.cwd(), encodeURIComponent(uri))
  }
}

function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

// An open file that is a link out of the workspace is refused as the reader of files refuses it.
function isLink(path: string, folder: string): boolean {
  return existsSync(path) && !isInside(realpathSync(path), realpathSync(folder))
}

const filesMax = 1000

/** The workflows below a folder, as paths from it. */
export function workflowsIn(folder: string): string[] {
  return findWorkflows(folder, { filesMax }).map((path) => relative(folder, path).replaceAll(sep, '/'))
}
