/** The table of figures on the page about reliability, as it follows from `docs/figures`. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { scaleRows } from './scale-figures.ts'

/** The page. */
export const page = 'docs/14-reliability.md'
const folder = 'docs/figures'

/** Puts the figures into the text of the page, in the place of those that are there. */
export function withFigures(text: string): string {
  const [open, close] = ['<!-- figures -->', '<!-- /figures -->']
  const [before, rest] = text.split(open)
  const after = rest?.split(close)[1]
  if (before === undefined || after === undefined) throw new Error(`${page} has no place for the figures`)
  return `${before}${open}\n${tableOf(readFigures())}\n${close}${after}`
}

type Value = number | string | { readonly [name: string]: Value }
type Figures = { readonly [name: string]: Value }

interface Row {
  readonly test: string
  readonly say: (figures: Figures) => string
}

const contest: Row['say'] = (figures) =>
  `${n(figures, 'situations')} situations, which stand for ${about(figures, 'interleavings')} orders; lost: 0`

// In the order of the page; one for each file.
const rows: Readonly<Record<string, Row>> = {
  'file-crash-states': {
    test: 'States of the disk',
    say: (figures) => `${n(figures, 'total')} states of ${sizeOf(figures, 'workloads')} workloads; wrong: 0`,
  },
  'file-crash-states-without-sync': {
    test: 'States of a disk whose syncs of files do nothing',
    say: (figures) => `found out by ${n(figures, 'foundBy')} of ${n(figures, 'workloads')} workloads`,
  },
  'file-crash-states-without-syncFolder': {
    test: 'States of a disk whose syncs of folders do nothing',
    say: (figures) => `found out by ${n(figures, 'foundBy')} of ${n(figures, 'workloads')} workloads`,
  },
  'file-protocol-an-append-and-a-takeover': { test: 'Orders of an append and a takeover', say: contest },
  'file-protocol-a-park-and-a-takeover': { test: 'Orders of a park and a takeover', say: contest },
  'file-protocol-two-that-take-up-one-run': { test: 'Orders of two that take up one run', say: contest },
  'file-protocol-a-park-and-a-message': { test: 'Orders of a park and a message', say: contest },
  'file-protocol-mutant': {
    test: 'Orders with a holder that does not look for the next lease',
    say: (figures) =>
      `found out: ${n(figures, 'lost')} of ${n(figures, 'situations')} situations lose what was acknowledged`,
  },
  'file-disk-faults': {
    test: 'Faults of the disk',
    say: (figures) =>
      `${n(figures, 'injected')} faults; calls answered with "nothing was written" ${n(figures, 'refused')}, with "nobody knows" ` +
      `${n(figures, 'ambiguous')}, as if nothing had been ${n(figures, 'unharmed')}; untrue: 0`,
  },
  'file-killed': {
    test: 'Kill at a system call',
    say: (figures) => `${n(figures, 'kills')} kills in ${sizeOf(figures, 'workloads')} workloads; lost: 0`,
  },
  'file-torture': { test: 'Kill at any moment', say: torture },
  'sqlite-torture': { test: 'Kill at any moment, on SQLite', say: torture },
  'postgres-torture': { test: 'Kill at any moment, on PostgreSQL', say: torture },
  'file-torture-mutants': {
    test: 'Kill at any moment, of hosts that are broken on purpose',
    say: mutants,
  },
  'sqlite-torture-mutants': { test: 'The same on SQLite', say: mutants },
  'postgres-torture-mutants': { test: 'The same on PostgreSQL', say: mutants },
  ...scaleRows,
}

function torture(figures: Figures): string {
  const of = (name: string): string => n(figures, name)
  const restarts = Number(figures['restarts'] ?? 0) > 0 ? `; ${of('restarts')} restarts of the server` : ''
  return [
    `${of('killed')} kills, ${of('killedEarly')} of them before the host had got anywhere; ${of('frozen')} stops for longer than a lease${restarts}`,
    `${of('runs')} runs, ${of('acknowledgedEvents')} acknowledged events, ${of('completedSteps')} completed steps, ` +
      `${of('startedProcesses')} processes, ${of('handlerCalls')} calls of handlers, ${of('acceptedMessages')} messages, ` +
      `${of('snapshots')} snapshots, ${of('blobs')} values beside the journal`,
    `${of('recoveries')} recoveries, ${of('lostAttempts')} attempts lost and made again or, with \`once\`, reported; begun late by a host that had stood still: ${of('lateAttempts')}`,
    'events lost or changed: 0, completed steps done again: 0, messages lost or applied twice: 0, ' +
      `processes that outlived their host: ${of('survivors')}`,
    `seeds from ${String(figures['seedBase'])}, in ${of('seconds')} s, Node ${String(figures['node'])}, ${of('cores')} cores`,
  ].join('<br>')
}

function mutants(figures: Figures): string {
  const kills = Object.entries(figures['kills'] ?? {})
  const found = kills.map(([mutant, count]) => `${mutant}: found out after ${Number(count)} kills`)
  return [`${found.length} of ${n(figures, 'mutants')} found out`, ...found].join('<br>')
}

function readFigures(): ReadonlyMap<string, Figures> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return new Map(
    files.map((name) => [name.replace('.json', ''), JSON.parse(readFileSync(join(folder, name), 'utf8')) as Figures]),
  )
}

function tableOf(all: ReadonlyMap<string, Figures>): string {
  const unknown = [...all.keys()].filter((name) => rows[name] === undefined)
  if (unknown.length > 0) throw new Error(`no row says what these figures are: ${unknown.join(', ')}`)
  const lines = Object.entries(rows).flatMap(([name, { test, say }]) => {
    const figures = all.get(name)
    return figures === undefined ? [] : [`| ${test} | ${say(figures)} |`]
  })
  return ['', '| test | figures |', '|---|---|', ...lines, ''].join('\n')
}

function n(figures: Figures, name: string): string {
  const value = Number(figures[name])
  if (!Number.isFinite(value)) throw new Error(`${name} is no number: ${JSON.stringify(figures[name])}`)
  return value.toLocaleString('en-US')
}

// There may be more than a number can tell exactly.
function about(figures: Figures, name: string): string {
  const value = Number(figures[name])
  if (value < 1e6) return n(figures, name)
  const [digits, power] = value.toExponential(1).split('e+')
  return `${digits} × 10^${power}`
}

function sizeOf(figures: Figures, name: string): string {
  return String(Object.keys(figures[name] ?? {}).length)
}
