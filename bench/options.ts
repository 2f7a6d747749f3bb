import { parseArgs } from 'node:util'
import type { Sizes } from './task.ts'

/** What the command was asked. */
export interface BenchOptions {
  readonly sizes: Sizes
  /** At most two minutes; without peers, unless `only` names some. */
  readonly isQuick: boolean
  /** Parts of names of subjects; none is all. */
  readonly only: readonly string[]
  /** Names of workloads, or how they begin; none is all. */
  readonly workloads: readonly string[]
  /** No round is begun after so many minutes. */
  readonly minutes: number
  /** Where the results go; absent where they are only printed. */
  readonly out: string | undefined
}

const full: Sizes = {
  rounds: 3,
  runs: 1000,
  boxMs: 10_000,
  fanSteps: 1000,
  longSteps: 10_000,
  resumeSteps: 1000,
  sleepers: 100_000,
  coldEvents: 1_000_000,
  tailSteps: 1_000_000,
  limitMs: 120_000,
}

const quick: Sizes = {
  rounds: 1,
  runs: 200,
  boxMs: 1000,
  fanSteps: 1000,
  longSteps: 1000,
  resumeSteps: 200,
  sleepers: 1000,
  coldEvents: 20_000,
  tailSteps: 50_000,
  limitMs: 60_000,
}

/** That the command cannot be understood, and why. */
export class UsageError extends Error {}

/** Reads the command line: `--quick`, `--only <name>`, `--workload <name>`, `--rounds <n>`, `--minutes <n>`, `--out <folder>`. Throws `UsageError`. */
export function benchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const values = valuesOf(args)
  const sizes = values.quick ? quick : full
  const rounds = numberOf('rounds', values.rounds) ?? sizes.rounds
  const minutes = numberOf('minutes', values.minutes) ?? Number.POSITIVE_INFINITY
  const { only, workload: workloads, out, quick: isQuick } = values
  for (const name of workloads) {
    if (known.some((workload) => isAsked({ workloads: [name] }, workload))) continue
    throw new UsageError(`--workload ${name}: there is none of this name; there are ${known.join(', ')}`)
  }
  return { sizes: { ...sizes, rounds }, isQuick, only, workloads, minutes, out }
}

function numberOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const number = Number(value)
  if (!Number.isInteger(number) || number < 1) throw new UsageError(`--${name} ${value}: expected a number from 1 on`)
  return number
}

function valuesOf(args: readonly string[]) {
  try {
    return parsed(args).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function parsed(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      workload: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      out: { type: 'string' },
    },
  })
}

/** Whether all is measured as large as it is to be told of. */
export function isWhole({ isQuick, only, workloads }: BenchOptions): boolean {
  return !isQuick && only.length === 0 && workloads.length === 0
}

/** Whether a subject is wanted, by its name or by that of its file: `raw sqlite` is `raw-sqlite` too. */
export function isWanted({ only }: BenchOptions, ...names: readonly string[]): boolean {
  return only.length === 0 || names.some((name) => only.some((part) => letters(name).includes(letters(part))))
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}

/** Whether a workload is wanted: `W4` is `W4 cold` too, and `W1` is `W1s` and `W1c`. */
export function isAsked({ workloads }: Pick<BenchOptions, 'workloads'>, workload: string): boolean {
  return workloads.length === 0 || workloads.some((name) => workload.startsWith(name))
}
