import * as z from 'zod'
import { scriptShells, type Capture as CaptureModel, type ExecStep, type ProcessSettings } from '../definition.ts'
import { pathMistake } from '../plan/path.ts'
import { parseSize } from '../plan/size.ts'
import { construct, expected } from './construct.ts'
import { JsonSchema } from './json-schema.ts'
import { Text } from './slot.ts'

const plainError = { error: expected('text, a number, true or false') }
const Plain = z.union([z.string(), z.number(), z.boolean()], plainError)

const listError = { error: expected('a list of arguments such as ["npm", "test"]') }

const programError = { error: expected('the name of a program') }

/** A program and its arguments. */
export const Arguments: z.ZodType<ExecStep['exec']> = z
  .array(Plain, listError)
  .superRefine(([program], context) => {
    if (typeof program === 'string' && program !== '') return
    const message = programError.error({ input: program })
    context.addIssue({ code: 'custom', path: program === undefined ? [] : [0], message })
  })
  .meta({ minItems: 1 })

/** A script. */
export const Script = Text.regex(/\S/, { error: expected('a script') })

/** What a script is written for. */
export const Shell = z.enum(scriptShells, { error: expected(`${scriptShells.join(', ')}`) })

const EnvName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
  error: expected('the name of a variable such as API_URL (letters, digits and _)'),
})

const Folder = Text.refine((text) => !text.includes('${{') && pathMistake(text) === undefined && !text.includes('\\'), {
  error: expected('a folder inside of the workspace such as packages/app, without ${{ }}'),
})

/** What the processes of a step, or of all steps in a block, are started with. */
export const processSettings = {
  env: z.record(EnvName, Plain, { error: expected('a map of variables') }).exactOptional(),
  workspace: construct<NonNullable<ProcessSettings['workspace']>>({
    mode: z.enum(['inherit', 'copy', 'worktree'], { error: expected('inherit, copy or worktree') }).exactOptional(),
    cwd: Folder.exactOptional(),
  }).exactOptional(),
}

const SecretName = z.string({ error: expected('the name of a secret') }).regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
  error: expected('the name of a secret such as API_KEY (letters, digits and _; at most 128)'),
})

/** Names of secrets, each once. */
export const SecretNames = z
  .array(SecretName, { error: expected('a list of names of secrets') })
  .superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue
      context.addIssue({ code: 'custom', path: [index], message: `"${name}" is there twice` })
    }
  })
  .meta({ uniqueItems: true })

// No value above it is kept.
const sizeMaxBytes = 8 * 1024 * 1024

const sizeError = { error: expected('a size from 1 byte to 8 MiB such as 65536 or 64KiB') }

/** A size in bytes. */
export const Size = z.union([z.int(), z.string()], sizeError).refine((size) => {
  const bytes = parseSize(size)
  return bytes !== undefined && bytes >= 1 && bytes <= sizeMaxBytes
}, sizeError)

const sources = ['stdout', 'lines', 'json', 'file', 'files'] as const

const pathError = { error: expected('a path inside of the workspace, without ".."') }

/** What becomes of what a process prints or leaves. */
export const Capture = construct<CaptureModel>({
  from: z.enum(sources, { error: expected(sources.join(', ')) }),
  path: Text.refine((text) => text.includes('${{') || pathMistake(text) === undefined, pathError).exactOptional(),
  schema: JsonSchema.exactOptional(),
  maxSize: Size.exactOptional(),
}).superRefine(pathOfFiles, { when: () => true })

// Looks beside other mistakes of the map, so that none hides another.
function pathOfFiles(capture: Partial<CaptureModel>, context: z.RefinementCtx): void {
  if (typeof capture !== 'object' || capture === null || !sources.some((source) => source === capture.from)) return
  const fromFiles = capture.from === 'file' || capture.from === 'files'
  if (fromFiles === (capture.path !== undefined)) return
  const message = fromFiles ? 'the key "path" is missing' : '"path" has a meaning with "from: file" and "files" only'
  context.addIssue({ code: 'custom', path: ['path'], message })
}
