import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { findWorkflows } from '@segno/adapters/files'
import { importReader } from '@segno/adapters/files'
import { handlerContracts } from '@segno/core'
import { parseWorkflow, type JsonObject } from '@segno/schema'
import { CommandError } from './command-error.ts'
import { commonScreen, type CommonOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { loadConfig, type LoadedConfig } from './load-config.ts'
import { tellDiagnostics } from './print-diagnostics.ts'
import { addHandlers } from './schema-handlers.ts'
import { addNames, namesOf } from './schema-names.ts'
import { publishedSchema, type WorkflowSchema } from './schema-published.ts'
import { schemaFolder, writeSchemas, type SchemaFile } from './schema-write.ts'
import { readWorkflowFile, shownPath, type WorkflowFile } from './workflow-file.ts'

/** The options of `segno schema`, as commander gives them. */
export interface SchemaOptions extends CommonOptions {
  readonly write?: boolean
  readonly out?: string
}

/**
 * Prints the JSON Schema of the workflows of a project, or of one of them, for editors. With `--write`, writes those
 * of the project and of the files that are named, and tells how files name them. It is the result, so it goes to stdout.
 */
export async function schemaCommand(given: readonly string[], options: SchemaOptions): Promise<ExitCode> {
  const { cwd, color, json } = commonScreen(options, process.stderr)
  const files = pathsOf(given, cwd).map((path) => readWorkflowFile(path, cwd))
  if (options.write !== true) return print(files, options, { cwd, color })
  const schemas: SchemaFile[] = [{ schema: await ofProject(options, cwd) }]
  let code: ExitCode = exitCodes.ok
  for (const file of files) {
    const schema = await ofFile(file, options, { cwd, color })
    if (schema === undefined) code = exitCodes.definitionInvalid
    else schemas.push({ schema, file })
  }
  const told = writeSchemas(schemas, { cwd, out: options.out ?? schemaFolder, json })
  if (json || options.quiet !== true) process.stdout.write(told)
  return code
}

async function print(files: readonly WorkflowFile[], options: SchemaOptions, screen: Screen): Promise<ExitCode> {
  const [file, ...more] = files
  if (options.out !== undefined || more.length > 0) {
    const what = options.out === undefined ? `there are ${files.length} files` : '--out is for what is written'
    const message = `${what}, and without --write one schema is printed`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'add --write' })
  }
  const schema = file === undefined ? await ofProject(options, screen.cwd) : await ofFile(file, options, screen)
  if (schema === undefined) return exitCodes.definitionInvalid
  process.stdout.write(`${JSON.stringify(schema, null, 2)}\n`)
  return exitCodes.ok
}

interface Screen {
  readonly cwd: string
  readonly color: boolean
}

function pathsOf(given: readonly string[], cwd: string): readonly string[] {
  const paths = given.flatMap((path) => {
    const isFolder = statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isDirectory() === true
    return isFolder ? findWorkflows(resolve(cwd, path)) : [path]
  })
  if (paths.length > 0 || given.length === 0) return paths
  const message = `there are no *.segno.yaml files below ${given.join(', ')}`
  throw new CommandError({ code: 'NO_WORKFLOWS', message, hint: 'name a file that ends in .segno.yaml' })
}

async function ofProject({ config }: SchemaOptions, cwd: string): Promise<WorkflowSchema> {
  return withHandlers(await loadConfig(config, { cwd, folder: cwd }), cwd)
}

// Without a configuration nobody says which handlers there are.
function withHandlers(loaded: LoadedConfig | undefined, cwd: string): WorkflowSchema {
  const schema = publishedSchema()
  if (loaded) addHandlers(schema, handlerContracts(loaded.config), shownPath(loaded.file, cwd))
  return schema
}

/** None of a file whose names cannot be read; what is wrong with it goes to stderr. */
async function ofFile(
  file: WorkflowFile,
  { config }: SchemaOptions,
  { cwd, color }: Screen,
): Promise<WorkflowSchema | undefined> {
  const { definition, diagnostics } = parseWorkflow(file.text, { file: file.shown })
  if (definition === undefined) {
    tellDiagnostics(diagnostics, file, color)
    return undefined
  }
  const loaded = await loadConfig(config, { cwd, folder: dirname(file.path) })
  const schema = withHandlers(loaded, cwd)
  const read = importReader(dirname(file.path), [cwd, ...(loaded ? [dirname(loaded.file)] : [])])
  addNames(
    schema,
    namesOf(definition, (path) => inputsIn(read(path))),
  )
  return schema
}

// An import that cannot be read is a mistake that the checker tells.
function inputsIn(text: ReturnType<ReturnType<typeof importReader>>): JsonObject | undefined {
  return typeof text === 'string' ? (parseWorkflow(text).definition?.input as JsonObject | undefined) : undefined
}
