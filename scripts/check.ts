/**
 * Everything that is checked beside the tests, two parts at a time. Prints one line per part, and what a part said when
 * it failed. Each part is a script of package.json: `node --run lint` runs one alone.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'

interface Part {
  readonly script: string
  /** The script that has to succeed before. */
  readonly after?: string
}

interface Outcome {
  readonly passed: boolean
  readonly output: string
}

// In the order in which they start: the slow ones, and those that others wait for, first.
const parts: readonly Part[] = [
  { script: 'build' },
  { script: 'types' },
  { script: 'docs' },
  { script: 'lint' },
  { script: 'format:check' },
  { script: 'api:check' },
  { script: 'dead-code' },
  { script: 'packages', after: 'build' },
  { script: 'size', after: 'build' },
]

const outcomes = new Map<string, Promise<Outcome>>()
const waiting = [...parts]
const workers = Array.from({ length: Math.max(2, availableParallelism()) }, work)
await Promise.all(workers)

const failed = (
  await Promise.all(parts.map(async ({ script }) => ({ script, passed: (await outcomes.get(script))?.passed })))
)
  .filter(({ passed }) => passed !== true)
  .map(({ script }) => script)
console.log(failed.length === 0 ? `all ${parts.length} parts passed` : `failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

async function work(): Promise<void> {
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    const outcome = perform(part)
    outcomes.set(part.script, outcome)
    await outcome
  }
}

async function perform({ script, after }: Part): Promise<Outcome> {
  const before = after === undefined ? undefined : await outcomes.get(after)
  const startedAt = performance.now()
  const outcome = before?.passed === false ? { passed: false, output: `${after} failed\n` } : await run(script)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${outcome.passed ? 'ok    ' : 'FAILED'} ${script.padEnd(14)} ${seconds.padStart(5)} s`)
  if (!outcome.passed) console.log(outcome.output)
  return outcome
}

function run(script: string): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--run', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    child.stderr.on('data', (chunk) => (output += String(chunk)))
    child.on('error', reject)
    child.on('close', (code) => resolve({ passed: code === 0, output }))
  })
}
