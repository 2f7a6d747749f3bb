import { SegnoError, type ForkEdits, type ForkOptions } from '@segno/core'
import { isJsonObject, type Definition, type Json, type JsonObject, type RunEvent } from '@segno/schema'
import { attach } from './attach.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { findRun } from './find-run.ts'
import { givenJson } from './given-json.ts'
import { readInputs } from './inputs.ts'
import { enterWorkspace, knownRun, withStore, type KnownRun, type Lookup } from './known-run.ts'
import { readValue } from './read-value.ts'
import { readWorkflow } from './read-workflow.ts'

/** The options of `segno fork`, as commander gives them. */
export interface ForkCommandOptions extends StoreCommandOptions {
  readonly from?: string
  readonly fromFailure?: boolean
  readonly set: readonly string[]
  readonly input: readonly string[]
  readonly workflow?: string
}

/** Begins a run again as a new one, from any step, with other inputs, outputs or a newer workflow, and shows it. */
export function forkCommand(given: string, options: ForkCommandOptions): Promise<ExitCode> {
  return withStore(options, process.stderr, async (lookup) => {
    const row = await findRun(lookup.store, given)
    const run = await knownRun(row, lookup, options)
    const { workflow: file, config } = options
    const newer =
      file === undefined ? undefined : (await readWorkflow(file, { screen: lookup.screen, config })).workflow
    if (file !== undefined && newer === undefined) return exitCodes.definitionInvalid
    const events = await eventsOf(run, lookup)
    const at = startOf(run, events, options)
    const definition = newer?.definition ?? run.workflow.definition
    const edits = await editsOf(options, { definition, events, run, lookup })
    const fork: ForkOptions = {
      actor: 'segno fork',
      edits: { ...edits, ...(newer && { workflow: newer }) },
      ...(at !== undefined && { at }),
    }
    enterWorkspace(run)
    const workflow = newer === undefined ? run.workflow : { definition, title: file ?? row.workflow }
    const begin = (engine: Parameters<Parameters<typeof attach>[0]['begin']>[0]) =>
      engine.fork(row.runId, fork).catch((cause: unknown) => Promise.reject(notPossible(cause)))
    return attach({ ...lookup, ...run, workflow, begin })
  })
}

async function eventsOf({ row }: KnownRun, { store }: Lookup): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  for await (const page of store.storage.read(row.runId, 1)) events.push(...page)
  return events
}

function startOf(
  { row }: KnownRun,
  events: readonly RunEvent[],
  { from, fromFailure }: ForkCommandOptions,
): string | undefined {
  if (from !== undefined && fromFailure === true) {
    const hint = 'leave one of them out'
    throw new CommandError({ code: 'USAGE', message: '--from and --from-failure both say where to begin', hint })
  }
  if (fromFailure !== true) return from
  for (const event of events) {
    if (event.type !== 'step.failed' && event.type !== 'step.blocked') continue
    if (!event.path.includes('.undo')) return event.path.replace(/~\d+$/, '')
  }
  const hint = 'name a step with --from'
  throw new CommandError({
    code: 'OPTION_INVALID',
    message: `--from-failure: nothing of ${row.runId} has failed`,
    hint,
  })
}

interface Given {
  readonly definition: Definition
  readonly events: readonly RunEvent[]
  readonly run: KnownRun
  readonly lookup: Lookup
}

async function editsOf({ set, input }: ForkCommandOptions, given: Given): Promise<ForkEdits> {
  const outputs: Record<string, Json> = {}
  for (const pair of set) {
    const { path, fields, value } = settingOf(pair, given.lookup.screen.cwd)
    const before = fields.length === 0 ? null : (outputs[path] ?? (await outputOf(path, given)))
    outputs[path] = withField(before, fields, value)
  }
  return {
    ...(set.length > 0 && { outputs }),
    ...(input.length > 0 && { input: inputsOf(input, given) }),
  }
}

// Only those that are named: the others stay what they were.
function inputsOf(pairs: readonly string[], { definition, lookup }: Given): JsonObject {
  const names = new Set(pairs.map((pair) => /^\w*/.exec(pair)?.[0] ?? ''))
  const named = Object.fromEntries(Object.entries(definition.input ?? {}).filter(([name]) => names.has(name)))
  return readInputs({ ...definition, input: named }, { pairs, cwd: lookup.screen.cwd })
}

const settingPattern = /^steps\.(.+?)\.output((?:\.[A-Za-z0-9_]+)*)(:=|=|@)(.*)$/s

function settingOf(
  pair: string,
  cwd: string,
): { readonly path: string; readonly fields: readonly string[]; readonly value: Json } {
  const [, path, fields = '', sign, text = ''] = settingPattern.exec(pair) ?? []
  if (path === undefined) {
    const message = `--set ${pair}: expected steps.<path>.output=text, or steps.<path>.output.field:=json`
    throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --set steps.fetch.output.total:=3' })
  }
  const value = sign === '=' ? text : givenJson(sign === '@' ? `@${text}` : text, '--set', cwd)
  return { path, fields: fields.split('.').filter((field) => field !== ''), value }
}

async function outputOf(path: string, { events, run, lookup }: Given): Promise<Json> {
  const done = events.findLast((event) => event.type === 'step.completed' && event.path.replace(/~\d+$/, '') === path)
  if (done?.type !== 'step.completed') {
    const message = `--set steps.${path}.output: ${path} of ${run.row.runId} gave nothing whose fields could be set`
    throw new CommandError({ code: 'STEP_NOT_FOUND', message, hint: 'set the output as a whole' })
  }
  const { output: value, outputBlob: blob } = done
  return (await readValue(lookup.store.storage, run.row.runId, { value, blob })) ?? null
}

function withField(before: Json, [field, ...rest]: readonly string[], value: Json): Json {
  if (field === undefined) return value
  const object = isJsonObject(before) ? before : {}
  return { ...object, [field]: withField(object[field] ?? null, rest, value) }
}

function notPossible(cause: unknown): unknown {
  if (!SegnoError.is(cause, 'EDIT_INVALID') && !SegnoError.is(cause, 'INPUT_INVALID')) return cause
  const hint = 'segno show tells the paths of the steps'
  return new CommandError({ code: 'OPTION_INVALID', message: cause.message, hint }, { cause })
}
