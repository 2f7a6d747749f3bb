/** Measures Segno, the raw baselines and the peers in one session, and says what came of it. */
import { machine } from './machine.ts'
import { subjectModules } from './modules.ts'
import { benchOptions, isWanted, isWhole, UsageError, type BenchOptions } from './options.ts'
import { installPeers } from './peers.ts'
import { openPlaces } from './places.ts'
import { results } from './results.ts'
import { listSubjects, measureAll, workloadNames } from './session.ts'
import { resultsPage } from './report.ts'
import { writeResults } from './write-results.ts'

// What ends the session tells everybody in it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const options = asked()
const wantsPeers = subjectModules(true).some(({ group, file }) => group === 'peer' && isWanted(options, file))
const notInstalled = wantsPeers && !options.isQuick ? installPeers() : undefined
// A quick look is without peers, unless it is at one of them.
const withPeers = !options.isQuick || options.only.length > 0
const { subjects, lost } = await listSubjects(subjectModules(withPeers), options)
if (subjects.length + lost.length === 0) refuse(`--only ${options.only.join(', ')}: nobody has such a name`)
await using places = await openPlaces()
const before = await machine(places)
for (const [name, value] of Object.entries(before)) console.log(`${name}: ${value}`)
const rows = await measureAll(subjects, places, options)
const after = await machine(places)
const rounds = Math.max(...rows.map((row) => row.rounds.length))
const found = results({
  machine: { before, after },
  sizes: { ...options.sizes, rounds },
  subjects,
  lost,
  rows,
  notInstalled,
})
console.log(`\n${resultsPage(found)}`)
if (options.out !== undefined || isWhole(options)) await writeResults(found, options.out)
else console.log('Not written: this is not all of it. `--out <folder>` writes it all the same.')
process.exitCode = found.failures.some(({ group }) => group !== 'peer') ? 1 : 0

function asked(): BenchOptions {
  try {
    return benchOptions(process.argv.slice(2), workloadNames)
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message)
    throw error
  }
}

function refuse(message: string): never {
  console.error(message)
  process.exit(2)
}
