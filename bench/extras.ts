import type { MeasureOptions } from './task.ts'

/** What is measured of Segno alone, or of one storage of it: modules of `measures/`, each in a process of its own, in one place. */
export interface ExtraMeasurement {
  readonly workload: string
  readonly subject: string
  readonly parts: readonly { readonly module: string; readonly options: MeasureOptions }[]
  /** Once in a session: it takes long, or repeats by itself. */
  readonly once: boolean
  /** Left out where it has to be quick. */
  readonly takesLong: boolean
  /** Where it may take longer than other measurements. */
  readonly limitMs?: number
}

const subjects = {
  memory: 'segno in memory',
  file: 'segno + file',
  sqlite: 'segno + sqlite',
  postgres: 'segno + postgres',
}
type Store = keyof typeof subjects

const durable: readonly Store[] = ['file', 'sqlite', 'postgres']
const all: readonly Store[] = ['memory', ...durable]
const minutes = 60_000

/** All of them. */
export const extraMeasurements: readonly ExtraMeasurement[] = [
  { workload: 'W3 growth', subject: subjects.memory, parts: [part('growth')], once: false, takesLong: false },
  {
    ...{ workload: 'W3 tail', subject: 'segno in memory, tail only' },
    ...{ parts: [part('tail')], once: false, takesLong: false },
  },
  ...durable.map((store) => ({
    ...{ workload: 'W4 warm', subject: subjects[store], once: false, takesLong: false },
    parts: [part('warm-resume', { store })],
  })),
  ...durable.map((store) => ({
    ...{ workload: 'W4 cold', subject: subjects[store], once: true, takesLong: true, limitMs: 5 * minutes },
    parts: [part('cold-make', { store }), part('cold-resume', { store })],
  })),
  { workload: 'W5', subject: 'segno', parts: [part('imports'), part('weight')], once: true, takesLong: false },
  ...all.map((store) => ({
    ...{ workload: 'W6', subject: subjects[store], once: true, takesLong: false, limitMs: 20 * minutes },
    parts: [part('sleepers', { store })],
  })),
  { workload: 'W7', subject: 'segno', parts: [part('load'), part('typed')], once: false, takesLong: false },
  ...['W1c', 'W2'].flatMap((workload) =>
    all.map((store) => ({
      ...{ workload: `guest ${workload}`, subject: subjects[store], once: false, takesLong: false },
      parts: [part('guest', { store, workload })],
    })),
  ),
]

function part(module: string, options: MeasureOptions = {}): ExtraMeasurement['parts'][number] {
  return { module, options }
}
