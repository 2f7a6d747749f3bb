/**
 * Makes of Stryker's report, or of several of them, the figures of the page
 * about reliability and the list of mutants that survive, each with a note: why
 * it changes nothing that can be seen, or that a test for it is missing. Notes
 * are kept for as long as their mutant survives.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

interface Mutant {
  readonly mutatorName: string
  readonly replacement?: string
  readonly status: string
  readonly location: { readonly start: Place; readonly end: Place }
}

interface Place {
  readonly line: number
  readonly column: number
}

interface Report {
  readonly files: Readonly<Record<string, { readonly source: string; readonly mutants: readonly Mutant[] }>>
}

/** A mutant that no test noticed. The text of its line tells it again when lines have moved. */
interface Survivor {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly mutator: string
  readonly replacement: string
  readonly reached: boolean
  readonly note: string
}

const figuresFile = 'docs/figures/mutation.json'
const survivorsFile = 'packages/core/test/mutation/survivors.json'
const open = 'not yet looked at'

const reports = process.argv.length > 2 ? process.argv.slice(2) : ['.stryker/mutation.json']
const notes = knownNotes()
const survivors: Survivor[] = []
const files: Record<string, Record<string, number>> = {}
for (const path of reports) {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report
  for (const [file, { source, mutants }] of Object.entries(report.files)) look(file, source.split('\n'), mutants)
}
write()

function look(file: string, lines: readonly string[], mutants: readonly Mutant[]): void {
  const times = (status: string): number => mutants.filter((mutant) => mutant.status === status).length
  const figures = {
    killed: times('Killed'),
    timedOut: times('Timeout'),
    survived: times('Survived'),
    unreached: times('NoCoverage'),
    // What is only done while the file is loaded.
    notTried: times('Ignored'),
  }
  if (Object.values(figures).every((count) => count === 0)) return
  files[file.replace('packages/core/src/kernel/', '')] = { ...figures, score: scoreOf(figures) }
  for (const { status, location, mutatorName: mutator, replacement = '' } of mutants) {
    if (status !== 'Survived' && status !== 'NoCoverage') continue
    const { start } = location
    const text = (lines[start.line - 1] ?? '').trim()
    const survivor = {
      file,
      line: start.line,
      text,
      mutator,
      replacement: replacement.slice(0, 120),
      reached: status === 'Survived',
    }
    survivors.push({ ...survivor, note: notes.get(keyOf(survivor)) ?? open })
  }
}

function scoreOf({ killed, timedOut, survived, unreached }: Record<string, number>): number {
  const found = (killed ?? 0) + (timedOut ?? 0)
  const all = found + (survived ?? 0) + (unreached ?? 0)
  return all === 0 ? 100 : Math.round((found / all) * 1000) / 10
}

function write(): void {
  const sum = (name: string): number => Object.values(files).reduce((total, file) => total + (file[name] ?? 0), 0)
  const total = {
    killed: sum('killed'),
    timedOut: sum('timedOut'),
    survived: sum('survived'),
    unreached: sum('unreached'),
    notTried: sum('notTried'),
  }
  const mutants = total.killed + total.timedOut + total.survived + total.unreached
  const noted = survivors.filter(({ note }) => note !== open).length
  const figures = { mutants, ...total, score: scoreOf(total), survivorsNoted: noted, files }
  writeFileSync(figuresFile, `${JSON.stringify(figures, null, 2)}\n`)
  writeFileSync(survivorsFile, `${JSON.stringify(survivors, null, 2)}\n`)
  process.stdout.write(
    `${figures.score} % of ${mutants} mutants are found; ${survivors.length} survive, ${noted} with a note\n`,
  )
}

function knownNotes(): ReadonlyMap<string, string> {
  if (!existsSync(survivorsFile)) return new Map()
  const known = JSON.parse(readFileSync(survivorsFile, 'utf8')) as Survivor[]
  return new Map(known.filter(({ note }) => note !== open).map((survivor) => [keyOf(survivor), survivor.note]))
}

function keyOf({ file, text, mutator, replacement }: Omit<Survivor, 'note'>): string {
  return JSON.stringify([file, text, mutator, replacement])
}
