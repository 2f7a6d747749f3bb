/** What the figures of `npm run test:scale` and `npm run test:mutation` say, for the page about reliability. */

/** Figures by their names. */
export type Figures = { readonly [name: string]: unknown }

/** A row of the table. */
export interface ScaleRow {
  readonly test: string
  readonly say: (figures: Figures) => string
}

const storages = { memory: 'memory', file: 'files', sqlite: 'SQLite', postgres: 'PostgreSQL' }

/** One row for each file. */
export const scaleRows: Readonly<Record<string, ScaleRow>> = Object.fromEntries([
  ...Object.entries(storages).map(([kind, name]) => [
    `scale-sleepers-${kind}`,
    {
      test: `Sleeping runs in ${name}`,
      say: (figures: Figures) =>
        `${n(figures, 'runs')} runs, ${n(figures, 'createdPerSecond')} created a second; a look for due ones takes ` +
        `${n(figures, 'duePollP99Ms')} ms (p99); all due at once are taken in ${n(figures, 'drainedMs')} ms; early: ` +
        `${n(figures, 'early')}${load(figures)}`,
    },
  ]),
  ...Object.entries(storages).map(([kind, name]) => [
    `scale-long-run-${kind}`,
    {
      test: `A long run in ${name}`,
      say: (figures: Figures) =>
        `${n(figures, 'events')} events; an append takes ${n(figures, 'appendP50FirstTenthMs')} ms in the first tenth and ` +
        `${n(figures, 'appendP50LastTenthMs')} ms in the last (p50); resumed cold in ${n(figures, 'resumedColdMs')} ms${load(figures)}`,
    },
  ]),
  ['scale-fan-out', { test: 'A fan-out', say: growth }],
  ['scale-needs-chain', { test: 'A chain of `needs`', say: growth }],
  [
    'scale-signals',
    {
      test: 'Signals at once',
      say: (figures: Figures) =>
        `${n(figures, 'signals')} sent, ${n(figures, 'taken')} taken in, in ${n(figures, 'ms')} ms${load(figures)}`,
    },
  ],
  [
    'scale-stdout',
    {
      test: 'Output of a process',
      say: (figures: Figures) =>
        `${n(figures, 'mebibytes')} MiB in ${n(figures, 'ms')} ms, ${n(figures, 'logBytes')} bytes kept${load(figures)}`,
    },
  ],
  [
    'mutation',
    {
      test: 'Mutants of the kernel',
      say: (figures: Figures) =>
        `${(Number(figures['killed']) + Number(figures['timedOut'])).toLocaleString('en-US')} of ${n(figures, 'mutants')} found ` +
        `out in ${Object.keys(figures['files'] ?? {}).length} of its files (${n(figures, 'score')} %); ${n(figures, 'survived')} survived, ${n(figures, 'unreached')} were not reached; ` +
        `of these ${n(figures, 'survivorsNoted')} have a note; not tried, since done only while a file is loaded: ${n(figures, 'notTried')}`,
    },
  ],
] as const)

function growth(figures: Figures): string {
  return `of ${n(figures, 'size')}: ${n(figures, 'wholeMs')} ms, ${n(figures, 'wholeToHalf')} times half as many${load(figures)}`
}

// Of a machine that does other things too, times say little.
function load(figures: Figures): string {
  const value = Number(figures['machineLoad'])
  return Number.isFinite(value) ? `; load of the machine: ${value}` : ''
}

function n(figures: Figures, name: string): string {
  const value = Number(figures[name])
  if (!Number.isFinite(value)) throw new Error(`${name} is no number: ${JSON.stringify(figures[name])}`)
  return value.toLocaleString('en-US')
}
