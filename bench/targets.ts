import type { ToldSubject } from './modules.ts'
import { isMoreBetter, type MeasuredRow } from './rows.ts'
import { median } from './samples.ts'

/** Something that Segno must reach: a figure alone, or over a figure of somebody else in the same session. */
export interface Target {
  readonly what: string
  readonly figure: FigureName
  /** Of whom the same figure is taken, to say how many times better ours is. */
  readonly over?: Baseline
  readonly least?: number
  readonly most?: number
  /** What is aimed at beyond what must be. */
  readonly aim?: number
}

interface FigureName {
  readonly workload: string
  readonly subject: string
  readonly name: string
  /** A count is judged by its worst round; everything else by the median of its rounds. */
  readonly isCount?: boolean
}

/**
 * A subject by its name, at the same workload unless another is named; a peer by a part of its name; or the peer that is best at it,
 * of all or of those in memory.
 */
export type Baseline =
  | { readonly subject: string; readonly workload?: string }
  | { readonly peer: string }
  | { readonly bestPeer: 'of all' | 'in memory' }

/** How a target was kept. */
export interface Verdict {
  readonly what: string
  readonly wanted: string
  readonly measured?: number
  readonly over?: { readonly subject: string; readonly measured: number }
  readonly ratio?: number
  readonly verdict: 'met' | 'MISSED' | 'not measured'
  /** Why it was not measured, or that the aim was reached too. */
  readonly note?: string
}

const [memory, file, sqlite, postgres] = ['segno in memory', 'segno + file', 'segno + sqlite', 'segno + postgres']
const durable = [file, sqlite, postgres]
const all = [memory, ...durable]

/** "What Segno must reach". */
export const targets: readonly Target[] = [
  ...rate(memory, 'W1s', { bestPeer: 'in memory' }, { least: 3, aim: 5 }),
  ...rate(memory, 'W1c', { bestPeer: 'in memory' }, { least: 3, aim: 5 }),
  figure(memory, 'W2', 'ms', { most: 10 }),
  { ...figure(memory, 'W2', 'ms', { least: 1 }), over: { bestPeer: 'of all' } },
  figure(memory, 'W3', 'ms', { most: 80 }),
  figure(memory, 'W3 growth', 'lastToFirst', { least: 0.9, most: 1.1 }),
  figure(`${memory}, tail only`, 'W3 tail', 'lastToFirst', { least: 0.9, most: 1.1 }),
  figure(`${memory}, tail only`, 'W3 tail', 'peakMiB', { most: 200 }),
  figure(`${memory}, tail only`, 'W3 tail', 'residentLastToFirst', { most: 1.2 }),
  ...rate(file, 'W1s', { subject: 'raw file' }, { least: 0.7 }),
  // Over the loop by itself, which is one run after another; and over a hundred of them at a time, where each journal has its own
  // syncs on either side.
  ...rate(file, 'W1c', { subject: 'raw file', workload: 'W1s' }, { least: 1.5 }),
  ...rate(file, 'W1c', { subject: 'raw file' }, { least: 1.5 }),
  ...rate(sqlite, 'W1s', { subject: 'raw sqlite' }, { least: 0.6, aim: 0.8 }),
  ...rate(sqlite, 'W1c', { subject: 'raw sqlite' }, { least: 4, aim: 6 }),
  ...rate(postgres, 'W1s', { subject: 'raw postgres' }, { least: 0.7 }),
  ...rate(postgres, 'W1s', { peer: 'dbos' }, { least: 2.5 }),
  ...rate(postgres, 'W1c', { peer: 'dbos' }, { least: 5 }),
  ...rate(postgres, 'W1c', { subject: 'raw postgres' }, { least: 1 }),
  ...durable.map((subject) => figure(subject, 'W4', 'firstStepMs', { most: 10 })),
  ...durable.map((subject) => figure(subject, 'W4 warm', 'firstStepMs', { most: 10 })),
  ...durable.map((subject) => count(subject, 'W4', 'completedAgain')),
  ...durable.map((subject) => figure(subject, 'W4 cold', 'coldMs', { most: 50 })),
  figure('segno', 'W5', 'importCoreMs', { most: 25 }),
  figure('segno', 'W5', 'importAllMs', { most: 90 }),
  figure('segno', 'W5', 'runKilobytes', { most: 100 }),
  figure('segno', 'W5', 'parseAndRunKilobytes', { most: 160 }),
  figure('segno', 'W5', 'corePackages', { most: 12 }),
  ...durable.map((subject) => figure(subject, 'W6', 'bytesPerRun', { most: 2000 })),
  ...all.map((subject) => figure(subject, 'W6', 'pollP99Ms', { most: 5 })),
  figure('segno', 'W7', 'firstLoadMs', { most: 150 }),
  figure('segno', 'W7', 'loadMs', { most: 150 }),
  figure('segno', 'W7', 'tscMs', { most: 2000 }),
  figure('segno', 'W7', 'tscMiB', { most: 500 }),
  ...['guest W1c', 'guest W2'].flatMap((workload) =>
    all.map((subject) => figure(subject, workload, 'sliceP99Ms', { most: 10 })),
  ),
  ...durable.map((subject) => count(subject, 'guest W1c', 'syncsOnLoop')),
]

function figure(subject: string, workload: string, name: string, limits: Pick<Target, 'least' | 'most'>): Target {
  return { what: `${subject}, ${workload} ${name}`, figure: { workload, subject, name }, ...limits }
}

function count(subject: string, workload: string, name: string): Target {
  return { what: `${subject}, ${workload} ${name}`, figure: { workload, subject, name, isCount: true }, most: 0 }
}

function rate(subject: string, workload: string, over: Baseline, limits: Pick<Target, 'least' | 'aim'>): Target[] {
  return [{ ...figure(subject, workload, 'stepsPerSecond', limits), over }]
}

/** Judges a target by what was measured. */
export function judge(
  { what, figure: { workload, subject, name, isCount = false }, over, ...limits }: Target,
  rows: readonly MeasuredRow[],
  subjects: readonly ToldSubject[],
): Verdict {
  const told = { what, wanted: wantedOf(limits, over) }
  const own = rows.find((row) => row.workload === workload && row.subject === subject)
  const measured = own?.[isCount ? 'worst' : 'median'][name]
  if (own === undefined || measured === undefined) return { ...told, verdict: 'not measured', note: whyNot(own) }
  if (over === undefined) return { ...told, measured, ...verdictOf(measured, limits) }
  const compared = 'subject' in over ? (over.workload ?? workload) : workload
  const base = baselineOf(over, { rows: rows.filter((row) => row.workload === compared), subjects, name })
  const there = base?.median[name]
  if (base === undefined || there === undefined) {
    return { ...told, measured, verdict: 'not measured', note: `not there to compare: ${whoIs(over)}` }
  }
  const ratio = ratioOf(own, base, name)
  return { ...told, measured, over: { subject: base.subject, measured: there }, ratio, ...verdictOf(ratio, limits) }
}

type Limits = Pick<Target, 'least' | 'most' | 'aim'>

function verdictOf(value: number, { least, most, aim }: Limits): Pick<Verdict, 'verdict' | 'note'> {
  const isMet = value >= (least ?? Number.NEGATIVE_INFINITY) && value <= (most ?? Number.POSITIVE_INFINITY)
  if (!isMet) return { verdict: 'MISSED' }
  return aim !== undefined && value >= aim ? { verdict: 'met', note: 'the aim too' } : { verdict: 'met' }
}

/** How many times better one is than the other: the median over rounds, since what disturbs a round disturbs both. */
function ratioOf(own: MeasuredRow, base: MeasuredRow, name: string): number {
  const ratios = own.rounds.flatMap((round, index) => {
    const other = base.rounds[index]
    if (other === undefined || !('figures' in round) || !('figures' in other)) return []
    const [ours, theirs] = [round.figures[name] ?? Number.NaN, other.figures[name] ?? Number.NaN]
    return isMoreBetter(name) ? [ours / theirs] : [theirs / ours]
  })
  return median(ratios)
}

interface Field {
  readonly rows: readonly MeasuredRow[]
  readonly subjects: readonly ToldSubject[]
  readonly name: string
}

function baselineOf(over: Baseline, { rows, subjects, name }: Field): MeasuredRow | undefined {
  if ('subject' in over) return rows.find(({ subject }) => subject === over.subject)
  const peers = subjects.filter(({ group }) => group === 'peer')
  const wanted = peers.filter((peer) =>
    'peer' in over
      ? peer.name.toLowerCase().includes(over.peer)
      : over.bestPeer === 'of all' || peer.durability === 'none',
  )
  const names = new Set(wanted.map((peer) => peer.name))
  const measured = rows.filter((row) => names.has(row.subject) && row.median[name] !== undefined)
  const order = isMoreBetter(name) ? -1 : 1
  return measured.toSorted((one, other) => order * ((one.median[name] ?? 0) - (other.median[name] ?? 0)))[0]
}

function wantedOf({ least, most, aim }: Limits, over: Baseline | undefined): string {
  const times = over === undefined ? '' : ` × ${whoIs(over)}`
  const aimed = aim === undefined ? '' : `, aim ${aim}`
  if (least !== undefined && most !== undefined) return `${least} to ${most}${times}`
  return least === undefined ? `≤ ${most?.toLocaleString('en-US')}${times}` : `≥ ${least}${times}${aimed}`
}

function whoIs(over: Baseline): string {
  if ('subject' in over) return over.workload === undefined ? over.subject : `${over.subject}, ${over.workload}`
  if ('peer' in over) return over.peer
  return over.bestPeer === 'of all' ? 'the best peer' : 'the best peer in memory'
}

function whyNot(row: MeasuredRow | undefined): string {
  const last = row?.rounds.at(-1)
  if (last === undefined) return 'left out of this session'
  if ('failed' in last) return last.failed
  return 'leftOut' in last ? last.leftOut : 'it has no such figure'
}
