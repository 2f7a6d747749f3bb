import * as z from 'zod/mini'
import type * as model from '../agent.ts'
import { pathMistake } from '../plan/path.ts'
import { construct, expected } from './construct.ts'
import { JsonSchema } from './json-schema.ts'
import { Duration, Identifier, Slot, Text, Value, count } from './slot.ts'

const name = Text.check(z.minLength(1, { error: expected('a name') }))

/** A language model or coding agent. */
export const Agent = construct<model.Agent>({
  provider: name,
  model: z.exactOptional(name),
  sandbox: z.exactOptional(
    z.enum(['read-only', 'workspace-write', 'full-access'], {
      error: expected('read-only, workspace-write or full-access'),
    }),
  ),
})

const File = Text.check(
  z.refine((text) => pathMistake(text) === undefined, {
    error: expected('a path inside of the workspace, without ".."'),
  }),
)

/** A file by its name in the workflow. */
export const ArtifactDeclaration = construct<model.ArtifactDeclaration>({
  path: File,
  mediaType: z.exactOptional(Text),
  schema: z.exactOptional(JsonSchema),
})

const promptError = { error: expected('a prompt: text, { file: prompts/draft.md } or { text: … }') }

/** What an agent is asked. */
export const Prompt: z.ZodMiniType<model.Prompt> = z.union(
  [
    z.string().check(z.regex(/\S/, promptError)),
    construct<{ readonly file: string }>({ file: Text }),
    construct<{ readonly text: string }>({ text: Text.check(z.regex(/\S/, promptError)) }),
  ],
  promptError,
)

const Consumption = construct<model.Consumption>({
  freshness: z.exactOptional(z.enum(['any', 'unseen'], { error: expected('any or unseen') })),
  into: z.exactOptional(z.enum(['prompt', 'path', 'none'], { error: expected('prompt, path or none') })),
})

const Production = construct<model.Production>({
  mustExist: z.exactOptional(z.boolean({ error: expected('true or false') })),
  oneOf: z.exactOptional(z.array(File, { error: expected('a list of paths') }).check(z.minLength(1))),
})

/** An amount and a currency. */
export const Cost = Text.check(z.regex(/^\d+(\.\d{1,6})? [A-Z]{3}$/, { error: expected('an amount such as 8 USD') }))

/** What an agent's turns may use. */
export const Budget = construct<model.Budget>({
  tokens: z.exactOptional(count(1)),
  cost: z.exactOptional(Cost),
  duration: z.exactOptional(Duration),
  calls: z.exactOptional(count(1)),
  mode: z.exactOptional(z.enum(['strict', 'warn', 'off'], { error: expected('strict, warn or off') })),
})

type Redo = Extract<model.Check['onFail'], object>

const Redo = construct<Redo>({
  redo: construct<Redo['redo']>({ max: count(1), with: z.exactOptional(Value) }),
})

/** A quality gate. */
export const Check = construct<model.Check>({
  policy: z.exactOptional(z.enum(['skip', 'light', 'full'], { error: expected('skip, light or full') })),
  by: z.exactOptional(
    z.union(
      [
        z.string().check(z.minLength(1)),
        construct<{ readonly agent: string; readonly prompt?: model.Prompt }>({
          agent: Identifier,
          prompt: z.exactOptional(Prompt),
        }),
        construct<{ readonly exec: readonly string[] }>({ exec: z.array(Text).check(z.minLength(1)) }),
      ],
      { error: expected('an expression, { agent: … } or { exec: […] }') },
    ),
  ),
  pass: z.exactOptional(Slot as z.ZodMiniType<string>),
  onFail: z.exactOptional(
    z.union([z.enum(['block', 'fail']), Redo], { error: expected('block, fail or { redo: { max: 2 } }') }),
  ),
})

/** Which attempts wait for each other. */
export const Queue = construct<model.Queue>({
  key: z.exactOptional(Text),
  concurrency: z.exactOptional(count(1)),
  rate: z.exactOptional(construct<NonNullable<model.Queue['rate']>>({ limit: count(1), per: Duration })),
  priority: z.exactOptional(z.int({ error: expected('a whole number') })),
})

/** What a step leaves, by the name of the artifact. */
export const Produces = z.record(Identifier, Production, { error: expected('a map of artifacts') })

/** What a step takes. */
export const Consumes = z.union([z.array(Identifier), z.record(Identifier, Consumption)], {
  error: expected('a list of artifacts and path inputs'),
})
