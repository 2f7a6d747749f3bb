import { Agent, ArtifactDeclaration, Budget, Check, Prompt, Queue } from '../src/document/agent.ts'
import { Input, JsonSchema, Output } from '../src/document/json-schema.ts'
import { Capture, SecretNames, Size } from '../src/document/process.ts'
import {
  Code,
  CountOrTemplate,
  Duration,
  FixedDuration,
  Identifier,
  Labels,
  Slot,
  Value,
} from '../src/document/slot.ts'
import { CatchClause, Retry, Step, stepSchemas, Undo, undoSchemas } from '../src/document/step.ts'
import { Defaults, Definition, Limits } from '../src/document/workflow.ts'
import { byVerb, definitionOf } from './by-verb.ts'
import { described } from './describe.ts'
import { hoist } from './hoist.ts'
import type { Schema } from './schema.ts'
import { blockTexts } from './texts/blocks.ts'
import { jsonSchemaTexts } from './texts/json-schema.ts'
import { stepTexts } from './texts/steps.ts'
import type { Texts } from './texts/text.ts'
import { verbTexts } from './texts/verbs.ts'
import { workflowTexts } from './texts/workflow.ts'
import { tellMap } from './tidy.ts'
import type { Named } from './zod-json.ts'

/** What a file has beside a workflow. */
export interface Around {
  readonly named: Named
  readonly texts: Texts
}

const parts: Named = {
  ...{ Step, Undo, CatchClause, Retry, Defaults, Limits, Agent, Artifact: ArtifactDeclaration },
  ...{ Budget, Check, Prompt, Queue, Capture, JsonSchema, Input, Output, SecretNames, Labels, Value },
  ...{ Duration, FixedDuration, Name: Identifier, Expression: Slot, CountOrTemplate, Code, Size },
}

const texts: Texts = { ...workflowTexts, ...stepTexts, ...verbTexts, ...blockTexts, ...jsonSchemaTexts }

/** The definitions of a workflow, and of what a file has around it; `root` is the name of the whole file. */
export function workflowDefinitions(root: string, around?: Around): Record<string, Schema> {
  const steps = Object.entries(stepSchemas).map(([kind, schema]) => [definitionOf(kind, 'Step'), schema] as const)
  const undos = Object.entries(undoSchemas).map(([kind, schema]) => [definitionOf(kind, 'Undo'), schema] as const)
  const named = { ...around?.named, Workflow: Definition, ...parts, ...Object.fromEntries([...steps, ...undos]) }
  const all = described(named, root, { texts: { ...texts, ...around?.texts }, elsewhere })
  for (const name of underKeys) tellMap(all[name] ?? {})
  const definitions = {
    ...all,
    ...byVerb(all, {
      suffix: 'Step',
      noMap: 'Expected a step: a map with an id and one verb.',
      noVerb: `The step has no verb. The verbs are ${Object.keys(stepSchemas).join(', ')}.`,
    }),
    ...byVerb(all, {
      suffix: 'Undo',
      noMap: 'Expected one step of work, or a call, that takes the step back.',
      noVerb: `An undo is one step of work or a call: ${Object.keys(undoSchemas).join(', ')}.`,
    }),
  }
  const kinds = Object.keys(definitions).filter((name) => /.(Step|Undo)$|WithoutVerb$/.test(name))
  return { ...definitions, ...hoist(definitions, kinds) }
}

const underKeys = [
  ...['Retry', 'Defaults', 'Limits', 'Agent', 'Artifact', 'Budget'],
  ...['Check', 'Queue', 'Capture', 'Input', 'Output'],
]

const blocks = new Set(['Do', 'If', 'Match', 'Parallel', 'ForEach', 'Repeat', 'Try', 'States'])
const processes = new Set(['Exec', 'Run'])

// An undo is like the step of its verb, and has words of its own where it is not.
function elsewhere(definition: string, path: string): readonly string[] {
  const [, kind = '', suffix] = /^(\w+)(Step|Undo)$/.exec(definition) ?? []
  const groups = [
    ...(suffix === 'Undo' ? ['Undo', `${kind}Step`] : []),
    ...(blocks.has(kind) ? ['Block'] : []),
    ...(processes.has(kind) ? ['Process'] : []),
    ...(suffix === undefined ? [] : ['Step']),
    ...(definition === 'Input' || definition === 'Output' ? ['JsonSchema'] : []),
  ]
  return groups.map((group) => group + path)
}
