import type { RunBundle } from '@segno/schema'
import { canonicalJson, isJsonObject } from '@segno/schema/plan'
import type { BlobRef, EventOf, Json, RunEvent, StepPath } from '@segno/schema/plan'

/** An act of an operator that was recorded, and that the other workflow does not take in as the run did. */
export interface ActDifference {
  /** Of the event in the journal of the run. */
  readonly seq: number
  /** The id of the run that it stands in the journal of, where that is one that the run started. */
  readonly runId?: string
  /**
   * `MIGRATION_NOT_REPLAYED` the run goes by the given workflow from the start · `ACT_NOT_REPLAYED` it cannot be done
   * again from what the journal has · `RUN_ENDED` the run has ended before · `ACT_REFUSED` it has no place there ·
   * `ACT_TAKEN` it was refused, and is not there · `ACT_DIFFERS` other steps are done again.
   */
  readonly code:
    'MIGRATION_NOT_REPLAYED' | 'ACT_NOT_REPLAYED' | 'RUN_ENDED' | 'ACT_REFUSED' | 'ACT_TAKEN' | 'ACT_DIFFERS'
  readonly action: Acted['action']
  /** The step, where it was about one. */
  readonly path?: StepPath
  readonly message: string
}

type Acted = EventOf<'operator.acted'>

/** What reads a value that may live beside the journal. */
export type ValueOf = (value: Json | undefined, ref: BlobRef | undefined) => Json | undefined

/** The command of a fixture that does again what an operator did; none for what cannot be done again. */
export function actCommand(event: RunEvent, since: number, valueOf: ValueOf): object[] {
  if (event.type !== 'operator.acted' || whyNot(event) !== undefined) return []
  const { id, action, path, reason, again = [] } = event
  const output = action === 'override' ? valueOf(event.output, event.outputBlob) : undefined
  return [
    {
      ...{ at: `${event.at - since}ms`, id, command: action },
      ...(path === undefined ? {} : { path }),
      ...(reason === undefined ? {} : { reason }),
      ...(output === undefined ? {} : { output }),
      // Only with `downstream` is more done again than the step itself.
      ...(again.length > 1 ? { downstream: true } : {}),
      ...(action === 'raise' ? raised(event, since) : {}),
    },
  ]
}

// The limits that were to be raised, each to the value that it got.
function raised({ before, after }: Acted, since: number): object {
  const [old, now] = [before, after].map((limits) => (isJsonObject(limits) ? limits : {}))
  const raise = (key: string): number | undefined => {
    const value = now?.[key]
    return typeof value === 'number' && value !== old?.[key] ? value : undefined
  }
  const [steps, transitions, deadline] = [raise('steps'), raise('transitions'), raise('deadline')]
  return {
    ...(steps === undefined ? {} : { steps }),
    ...(transitions === undefined ? {} : { transitions }),
    ...(deadline === undefined ? {} : { duration: `${deadline - since}ms` }),
  }
}

/** The ids of what is left out: no event of the replay answers to it. */
export function actsLeftOut(events: readonly RunEvent[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) =>
      event.type === 'plan.migrated' || (event.type === 'operator.acted' && whyNot(event) !== undefined)
        ? [event.id]
        : [],
    ),
  )
}

/** Compares what operators did with what became of it by the other workflow, act by act. */
export function actDifferences(bundle: RunBundle, played: readonly RunEvent[]): readonly ActDifference[] {
  const answers = new Map(played.flatMap((event) => (event.type === 'operator.acted' ? [[event.id, event]] : [])))
  const own = bundle.events.flatMap((event): readonly ActDifference[] => {
    if (event.type === 'plan.migrated') return [migrationLeftOut(event)]
    if (event.type !== 'operator.acted') return []
    const different = differenceOf(event, answers.get(event.id))
    return different === undefined ? [] : [differenceAt(event, ...different)]
  })
  return [...own, ...(bundle.children ?? []).flatMap(actsOfChildren)]
}

// A replay speaks of the journal of one run; what was done to those that it started has no place in it.
function actsOfChildren({ row: { runId }, events, children = [] }: RunBundle): readonly ActDifference[] {
  const own = events.flatMap((event): readonly ActDifference[] => {
    if (event.type === 'plan.migrated') return [{ ...migrationLeftOut(event), runId }]
    if (event.type !== 'operator.acted' || event.refused !== undefined) return []
    return [{ ...differenceAt(event, 'ACT_NOT_REPLAYED', 'it was done to a run that the run started'), runId }]
  })
  return [...own, ...children.flatMap(actsOfChildren)]
}

function migrationLeftOut({ seq, to }: EventOf<'plan.migrated'>): ActDifference {
  const message = `the run was put on plan ${to}; it is played by the given workflow from the start`
  return { seq, code: 'MIGRATION_NOT_REPLAYED', action: 'migrate', message }
}

function differenceAt({ seq, action, path }: Acted, code: ActDifference['code'], message: string): ActDifference {
  return { seq, code, action, ...(path === undefined ? {} : { path }), message }
}

function differenceOf(acted: Acted, answer: Acted | undefined): [ActDifference['code'], string] | undefined {
  const left = whyNot(acted)
  if (left !== undefined) return left
  if (answer === undefined) return ['RUN_ENDED', 'the run has ended before']
  const [before, after] = [acted.refused, answer.refused]
  if (before === undefined && after !== undefined) return ['ACT_REFUSED', after.message ?? after.code]
  if (before !== undefined && after === undefined)
    return ['ACT_TAKEN', `it was refused: ${before.message ?? before.code}`]
  if (canonicalJson([acted.again ?? []]) === canonicalJson([answer.again ?? []])) return undefined
  return ['ACT_DIFFERS', `it does ${stepsOf(acted.again)} again, and ${stepsOf(answer.again)} there`]
}

function stepsOf(again: readonly StepPath[] = []): string {
  return again.length === 0 ? 'what is blocked' : again.map((path) => `"${path}"`).join(', ')
}

// Why an act is left out of the replay.
function whyNot({ action, refused }: Acted): [ActDifference['code'], string] | undefined {
  if (action === 'migrate') {
    return ['MIGRATION_NOT_REPLAYED', `it was refused: ${refused?.message ?? refused?.code ?? ''}`]
  }
  if (action !== 'override' || refused === undefined) return undefined
  return ['ACT_NOT_REPLAYED', 'it was refused, and what it would have given is in no journal']
}
