import * as z from 'zod'
import type * as model from '../agent.ts'
import { pathMistake } from '../plan/path.ts'
import { construct, expected } from './construct.ts'
import { JsonSchema } from './json-schema.ts'
import { Duration, Identifier, Slot, Text, Value, count } from './slot.ts'

const name = Text.min(1, { error: expected('a name') })

/** A language model or coding agent. */
export const Agent = construct<model.Agent>({
  provider: name,
  model: name.exactOptional(),
  sandbox: z
    .enum(['read-only', 'workspace-write', 'full-access'], {
      error: expected('read-only, workspace-write or full-access'),
    })
    .exactOptional(),
})

const File = Text.refine((text) => pathMistake(text) === undefined, {
  error: expected('a path inside of the workspace, without ".."'),
})

/** A file by its name in the workflow. */
export const ArtifactDeclaration = construct<model.ArtifactDeclaration>({
  path: File,
  mediaType: Text.exactOptional(),
  schema: JsonSchema.exactOptional(),
})

const promptError = { error: expected('a prompt: text, { file: prompts/draft.md } or { text: … }') }

/** What an agent is asked. */
export const Prompt: z.ZodType<model.Prompt> = z.union(
  [
    z.string().regex(/\S/, promptError),
    construct<{ readonly file: string }>({ file: Text }),
    construct<{ readonly text: string }>({ text: Text.regex(/\S/, promptError) }),
  ],
  promptError,
)

const Consumption = construct<model.Consumption>({
  freshness: z.enum(['any', 'unseen'], { error: expected('any or unseen') }).exactOptional(),
  into: z.enum(['prompt', 'path', 'none'], { error: expected('prompt, path or none') }).exactOptional(),
})

const Production = construct<model.Production>({
  mustExist: z.boolean({ error: expected('true or false') }).exactOptional(),
  oneOf: z
    .array(File, { error: expected('a list of paths') })
    .min(1)
    .exactOptional(),
})

/** An amount and a currency. */
export const Cost = Text.regex(/^\d+(\.\d{1,6})? [A-Z]{3}$/, { error: expected('an amount such as 8 USD') })

/** What an agent's turns may use. */
export const Budget = construct<model.Budget>({
  tokens: count(1).exactOptional(),
  cost: Cost.exactOptional(),
  duration: Duration.exactOptional(),
  calls: count(1).exactOptional(),
  mode: z.enum(['strict', 'warn', 'off'], { error: expected('strict, warn or off') }).exactOptional(),
})

type Redo = Extract<model.Check['onFail'], object>

const Redo = construct<Redo>({
  redo: construct<Redo['redo']>({ max: count(1), with: Value.exactOptional() }),
})

/** A quality gate. */
export const Check = construct<model.Check>({
  policy: z.enum(['skip', 'light', 'full'], { error: expected('skip, light or full') }).exactOptional(),
  by: z
    .union(
      [
        z.string().min(1),
        construct<{ readonly agent: string; readonly prompt?: model.Prompt }>({
          agent: Identifier,
          prompt: Prompt.exactOptional(),
        }),
        construct<{ readonly exec: readonly string[] }>({ exec: z.array(Text).min(1) }),
      ],
      { error: expected('an expression, { agent: … } or { exec: […] }') },
    )
    .exactOptional(),
  pass: (Slot as z.ZodType<string>).exactOptional(),
  onFail: z
    .union([z.enum(['block', 'fail']), Redo], { error: expected('block, fail or { redo: { max: 2 } }') })
    .exactOptional(),
})

/** Which attempts wait for each other. */
export const Queue = construct<model.Queue>({
  key: Text.exactOptional(),
  concurrency: count(1).exactOptional(),
  rate: construct<NonNullable<model.Queue['rate']>>({ limit: count(1), per: Duration }).exactOptional(),
  priority: z.int({ error: expected('a whole number') }).exactOptional(),
})

/** What a step leaves, by the name of the artifact. */
export const Produces = z.record(Identifier, Production, { error: expected('a map of artifacts') })

/** What a step takes. */
export const Consumes = z.union([z.array(Identifier), z.record(Identifier, Consumption)], {
  error: expected('a list of artifacts and path inputs'),
})
