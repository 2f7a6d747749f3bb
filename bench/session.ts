import { startChild, type Outcome } from './child-process.ts'
import { extraMeasurements, type ExtraMeasurement } from './extras.ts'
import type { ListedSubject, SubjectModule } from './modules.ts'
import { isAsked, isWanted, type BenchOptions } from './options.ts'
import type { Places } from './places.ts'
import type { RoundOutcome, Row } from './rows.ts'
import type { Workload } from './subject.ts'
import type { Figures, Sizes, TaskPlace } from './task.ts'
import { resume } from './workloads/resume.ts'

/** A subject that could not even be loaded. */
export interface LostSubject extends SubjectModule {
  readonly failed: string
}

const workloads: readonly Workload[] = ['W1s', 'W1c', 'W2', 'W3', 'W4']

/** The names of all workloads. */
export const workloadNames: readonly string[] = [
  ...new Set([...workloads, ...extraMeasurements.map(({ workload }) => workload)]),
]

/** Asks each module who it is, in a process of its own: a peer that is not installed takes no other down. */
export async function listSubjects(
  modules: readonly SubjectModule[],
  options: BenchOptions,
): Promise<{ readonly subjects: readonly ListedSubject[]; readonly lost: readonly LostSubject[] }> {
  const subjects: ListedSubject[] = []
  const lost: LostSubject[] = []
  // Whoever is wanted by the name of a file is found without asking all others for theirs.
  const byFile = modules.filter(({ file }) => isWanted(options, file))
  for (const module of byFile.length > 0 ? byFile : modules) {
    const outcome = await startChild({ act: 'describe', module: module.url }, options.sizes.limitMs).outcome
    if ('description' in outcome) subjects.push({ ...module, ...outcome.description })
    else lost.push({ ...module, failed: 'failed' in outcome ? outcome.failed : 'it does not say who it is' })
  }
  return {
    subjects: subjects.filter(({ name, file }) => isWanted(options, name, file)),
    lost: lost.filter(({ file }) => isWanted(options, file)),
  }
}

/** Measures everything in turns: each subject once a round, workload by workload. */
export async function measureAll(
  subjects: readonly ListedSubject[],
  places: Places,
  options: BenchOptions,
): Promise<readonly Row[]> {
  // What is measured of Segno alone is measured with the subject that it is a part of.
  const isOfOne = (name: string): boolean =>
    isWanted(options, name) || subjects.some((subject) => name.startsWith(subject.name))
  const measurements = [
    ...workloads
      .filter((workload) => isAsked(options, workload))
      .flatMap((workload) => subjects.map((subject) => measurementOf(workload, subject))),
    ...extraMeasurements
      .filter(({ workload, subject }) => isAsked(options, workload) && isOfOne(subject))
      .filter(({ takesLong }) => !takesLong || !options.isQuick || options.workloads.length > 0)
      .map(measurementOfExtra),
  ]
  const rounds = new Map<Measurement, RoundOutcome[]>(measurements.map((measurement) => [measurement, []]))
  const end = performance.now() + options.minutes * 60_000
  for (let round = 1; round <= options.sizes.rounds; round++) {
    if (round > 1 && performance.now() > end) break
    for (const [measurement, outcomes] of rounds) {
      if (!isGoneOnWith(measurement, outcomes)) continue
      const outcome = await measurement.measure(places, options.sizes)
      outcomes.push(outcome)
      console.log(progress(measurement, outcome, round))
    }
  }
  return [...rounds].map(([{ workload, subject }, outcomes]) => ({ workload, subject, rounds: outcomes }))
}

interface Measurement {
  readonly workload: string
  readonly subject: string
  readonly once: boolean
  measure(places: Places, sizes: Sizes): Promise<RoundOutcome>
}

// Who has failed, or has nothing to measure, will in the next round too; that it failed later is told as well.
function isGoneOnWith({ once }: Measurement, outcomes: readonly RoundOutcome[]): boolean {
  const last = outcomes.at(-1)
  return last === undefined || (!once && 'figures' in last)
}

function measurementOf(workload: Workload, subject: ListedSubject): Measurement {
  const leftOut = subject.leftOut[workload]
  const { url: module, name, database } = subject
  return {
    workload,
    subject: name,
    once: false,
    async measure(places, sizes) {
      if (leftOut !== undefined) return { leftOut }
      return places.use({ database }, async (place) =>
        workload === 'W4'
          ? roundOf(await resume(module, place, sizes))
          : roundOf(await startChild({ act: workload, module, place, sizes }, sizes.limitMs).outcome),
      )
    },
  }
}

function measurementOfExtra({ workload, subject, parts, ...rest }: ExtraMeasurement): Measurement {
  return {
    ...{ workload, subject, once: rest.once },
    async measure(places, sizes) {
      const limitMs = Math.max(sizes.limitMs, rest.limitMs ?? 0)
      return places.use({ database: subject.includes('postgres') }, async (place) => {
        let figures: Figures = {}
        for (const { module, options } of parts) {
          const outcome = await measured(module, { place, sizes, options, limitMs })
          if (!('figures' in outcome)) return outcome
          figures = { ...figures, ...outcome.figures }
        }
        return { figures }
      })
    },
  }
}

async function measured(
  name: string,
  {
    limitMs,
    ...given
  }: {
    readonly place: TaskPlace
    readonly sizes: Sizes
    readonly options: ExtraMeasurement['parts'][number]['options']
    readonly limitMs: number
  },
): Promise<RoundOutcome> {
  const module = new URL(`measures/${name}.ts`, import.meta.url).href
  return roundOf(await startChild({ act: 'measure', module, ...given }, limitMs).outcome)
}

function roundOf(outcome: Outcome): RoundOutcome {
  return 'description' in outcome ? { failed: 'it says who it is, and nothing more' } : outcome
}

function progress({ workload, subject }: Measurement, outcome: RoundOutcome, round: number): string {
  const said =
    'figures' in outcome
      ? Object.entries(outcome.figures)
          .map(([name, value]) => `${name} ${Number(value.toPrecision(4)).toLocaleString('en-US')}`)
          .join(', ')
      : 'failed' in outcome
        ? `FAILED: ${outcome.failed}`
        : `left out: ${outcome.leftOut}`
  return `${round}  ${workload.padEnd(10)} ${subject.padEnd(28)} ${said}`
}
