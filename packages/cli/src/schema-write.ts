import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { findWorkflows } from '@segno/adapters/files'
import { CommandError } from './command-error.ts'
import type { WorkflowSchema } from './schema-published.ts'
import { shownPath, type WorkflowFile } from './workflow-file.ts'

/** Where schemas are written unless a folder is given. */
export const schemaFolder = '.segno/schema'

/** A schema, and the workflow file that it is for; without one, for all. */
export interface SchemaFile {
  readonly schema: WorkflowSchema
  readonly file?: WorkflowFile
}

/** Writes schemas below a folder, those that are the same again left alone; gives what is to be told of it. */
export function writeSchemas(
  schemas: readonly SchemaFile[],
  { cwd, out, json }: { readonly cwd: string; readonly out: string; readonly json: boolean },
): string {
  const written = schemas.map(({ schema, file }) => {
    const path = resolve(cwd, out, file === undefined ? 'workflow.schema.json' : join('files', ownName(file, cwd)))
    return { path, file, isNew: write(path, `${JSON.stringify(schema, null, 2)}\n`, out) }
  })
  const lines = linesFor(written, cwd)
  if (json) {
    const told = written.map(({ path, file, isNew }) => ({
      schema: shownPath(path, cwd),
      file: file?.shown,
      outcome: isNew ? 'written' : 'unchanged',
    }))
    return `${JSON.stringify({ v: 1, schemas: told, lines }, null, 2)}\n`
  }
  const told = written.map(({ path, isNew }) => `${isNew ? 'wrote' : 'as it was'} ${shownPath(path, cwd)}\n`).join('')
  if (lines.length === 0) return told
  const wide = Math.max(...lines.map(({ place }) => place.length))
  const text = lines.map(({ place, line }) => `  ${place.padEnd(wide)}  ${line}\n`).join('')
  return `${told}The first line of a workflow names its schema:\n${text}`
}

function ownName({ path, shown }: WorkflowFile, cwd: string): string {
  const name = relative(cwd, path)
  if (!name.startsWith('..')) return `${name.replace(/(\.segno)?\.(ya?ml|json)$/i, '')}.schema.json`
  const message = `${shown} lies outside of the working folder`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'work in a folder above it: --cwd' })
}

/** Whether the file is another than before. */
function write(path: string, text: string, out: string): boolean {
  try {
    if (contentOf(path) === text) return false
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return true
  } catch (cause) {
    const message = `--out ${out}: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'name a folder that can be written to' }, { cause })
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** A file, or the files of a folder, and what their first line has to be. */
interface Line {
  readonly place: string
  readonly line: string
}

interface Written {
  readonly path: string
  readonly file: WorkflowFile | undefined
}

/** Of files that name no schema yet. Those without a schema of their own are told folder by folder. */
function linesFor(written: readonly Written[], cwd: string): readonly Line[] {
  const own = written.flatMap(({ path, file }) => (file && !namesSchema(file.text) ? [{ path, file }] : []))
  const there = findWorkflows(cwd)
  const others = there.filter((path) => written.every(({ file }) => file?.path !== path))
  const silent = others.filter((path) => !namesSchema(contentOf(path) ?? ''))
  // Where there are no workflows yet, they will stand in this folder.
  const places = there.length === 0 ? [cwd] : [...new Set(silent.map((path) => dirname(path)))]
  const project = written.find(({ file }) => file === undefined)?.path ?? ''
  const ofFolders = places.toSorted().map((folder) => {
    const place = `${relative(cwd, folder) || '.'}${sep}*`
    return { place, line: lineOf(project, folder) }
  })
  return [...ofFolders, ...own.map(({ path, file }) => ({ place: file.shown, line: lineOf(path, dirname(file.path)) }))]
}

function namesSchema(text: string): boolean {
  return /^#\s*(yaml-language-server\s*:.*)?\$schema[=:]/m.test(text)
}

function lineOf(schema: string, folder: string): string {
  const path = relative(folder, schema).split(sep).join('/')
  return `# yaml-language-server: $schema=${path.startsWith('../') ? path : `./${path}`}`
}
