import { nodeFiles } from '@segno/adapters/files'
import { createEngine } from 'segno'
import { handlersIn } from './handlers.ts'
import { emailTriage } from './workflow.ts'

// The folder with the `inbox` in it; `out` is made there.
const [root = import.meta.dirname] = process.argv.slice(2)

// The engine is a part of this program. It runs the workflow in code with the handlers of the YAML one.
await using engine = createEngine({ handlers: handlersIn(root), files: nodeFiles({ root }) })

engine.on('iteration.completed', ({ index, output }) => {
  const { mail, filedAs, reasons } = output as { mail: string; filedAs: string; reasons: readonly string[] }
  console.log(`mail ${index + 1}: ${mail}: ${filedAs} (${reasons.join('; ')})`)
})
engine.on('attempt.failed', ({ path, attempt, failure }) => {
  console.log(`${path}: attempt ${attempt}: ${failure.code}, again in a moment`)
})

const run = await engine.start(emailTriage, { inbox: 'inbox', out: 'out' })
const result = await run.result()
if (result.status === 'completed') {
  const { tickets, replies, review, spam, folder: where } = result.output as Record<string, string | readonly string[]>
  const counts = `${tickets?.length} tickets, ${replies?.length} replies, ${review?.length} to review, ${spam?.length} spam`
  console.log(`completed: ${counts}, in ${String(where)}`)
} else {
  console.error(JSON.stringify(result, null, 2))
  process.exitCode = 1
}
