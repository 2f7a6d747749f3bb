import { requiredPaths, requiresFiles } from '@segno/schema/plan'
import type { Definition, InputProblem, JsonObject, RequiredPath } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { Files } from '../ports/files.ts'

/**
 * Looks for what the inputs with `mustExist: true` name. Gives what is missing.
 * Throws `FILES_REQUIRED` where there are such inputs and nothing to look with:
 * a rule that nobody can keep is not passed over.
 */
export async function missingPaths(
  definition: Definition,
  input: JsonObject,
  files: Files | undefined,
): Promise<readonly InputProblem[]> {
  if (!requiresFiles(definition)) return []
  if (files === undefined) {
    throw new SegnoError(
      'FILES_REQUIRED',
      `Workflow "${definition.name}" has inputs with "mustExist", and the engine has no files to look at: ` +
        `pass createEngine({ files: nodeFiles({ root }) }), with nodeFiles of @segno/adapters/files`,
    )
  }
  const found = await Promise.all(requiredPaths(definition, input).map((required) => problemOf(required, files)))
  return found.filter((problem) => problem !== undefined)
}

async function problemOf({ name, pointer, path }: RequiredPath, files: Files): Promise<InputProblem | undefined> {
  const reason = await reasonAgainst(path, files)
  if (reason === undefined) return undefined
  const where = pointer.indexOf('/', 1)
  const what = where === -1 ? `the input "${name}"` : `the input "${name}" at ${pointer.slice(where)}`
  return { kind: 'misfit', name, path: pointer, message: `${what}: ${reason}` }
}

async function reasonAgainst(path: string, files: Files): Promise<string | undefined> {
  const quoted = JSON.stringify(path)
  try {
    const kind = await files.kind(path)
    if (kind === 'missing') return `there is no file or folder ${quoted}`
    return kind === 'other' ? `${quoted} is neither a file nor a folder` : undefined
  } catch (error) {
    return `${quoted} cannot be looked at: ${error instanceof Error ? error.message : String(error)}`
  }
}
