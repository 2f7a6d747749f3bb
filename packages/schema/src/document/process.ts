import * as z from 'zod/mini'
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
export const Arguments: z.ZodMiniType<ExecStep['exec']> = z.array(Plain, listError).check(
  z.superRefine(([program], context) => {
    if (typeof program === 'string' && program !== '') return
    const message = programError.error({ input: program })
    context.addIssue({ code: 'custom', path: program === undefined ? [] : [0], message })
  }),
  z.meta({ minItems: 1 }),
)

/** A script. */
export const Script = Text.check(z.regex(/\S/, { error: expected('a script') }))

/** What a script is written for. */
export const Shell = z.enum(scriptShells, { error: expected(`${scriptShells.join(', ')}`) })

const EnvName = z.string().check(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, {
    error: expected('the name of a variable such as API_URL (letters, digits and _)'),
  }),
)

const Folder = Text.check(
  z.refine((text) => !text.includes('${{') && pathMistake(text) === undefined && !text.includes('\\'), {
    error: expected('a folder inside of the workspace such as packages/app, without ${{ }}'),
  }),
)

/** What the processes of a step, or of all steps in a block, are started with. */
export const processSettings = {
  env: z.exactOptional(z.record(EnvName, Plain, { error: expected('a map of variables') })),
  workspace: z.exactOptional(
    construct<NonNullable<ProcessSettings['workspace']>>({
      mode: z.exactOptional(z.enum(['inherit', 'copy', 'worktree'], { error: expected('inherit, copy or worktree') })),
      cwd: z.exactOptional(Folder),
    }),
  ),
}

const SecretName = z.string({ error: expected('the name of a secret') }).check(
  z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, {
    error: expected('the name of a secret such as API_KEY (letters, digits and _; at most 128)'),
  }),
)

/** Names of secrets, each once. */
export const SecretNames = z.array(SecretName, { error: expected('a list of names of secrets') }).check(
  z.superRefine((names, context) => {
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue
      context.addIssue({ code: 'custom', path: [index], message: `"${name}" is there twice` })
    }
  }),
  z.meta({ uniqueItems: true }),
)

// No value above it is kept.
const sizeMaxBytes = 8 * 1024 * 1024

const sizeError = { error: expected('a size from 1 byte to 8 MiB such as 65536 or 64KiB') }

/** A size in bytes. */
export const Size = z.union([z.int(), z.string()], sizeError).check(
  z.refine((size) => {
    const bytes = parseSize(size)
    return bytes !== undefined && bytes >= 1 && bytes <= sizeMaxBytes
  }, sizeError),
)

const sources = ['stdout', 'lines', 'json', 'file', 'files'] as const

const pathError = { error: expected('a path inside of the workspace, without ".."') }

/** What becomes of what a process prints or leaves. */
export const Capture = construct<CaptureModel>({
  from: z.enum(sources, { error: expected(sources.join(', ')) }),
  path: z.exactOptional(
    Text.check(z.refine((text) => text.includes('${{') || pathMistake(text) === undefined, pathError)),
  ),
  schema: z.exactOptional(JsonSchema),
  maxSize: z.exactOptional(Size),
}).check(z.superRefine(pathOfFiles, { when: () => true }))

// Looks beside other mistakes of the map, so that none hides another.
function pathOfFiles(capture: Partial<CaptureModel>, context: z.core.$RefinementCtx): void {
  if (typeof capture !== 'object' || capture === null || !sources.some((source) => source === capture.from)) return
  const fromFiles = capture.from === 'file' || capture.from === 'files'
  if (fromFiles === (capture.path !== undefined)) return
  const message = fromFiles ? 'the key "path" is missing' : '"path" has a meaning with "from: file" and "files" only'
  context.addIssue({ code: 'custom', path: ['path'], message })
}
