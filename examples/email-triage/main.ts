import { createEngine } from 'segno'
import { handlers } from './handlers.ts'
import { emailTriage } from './workflow.ts'

// The engine is a part of this program: it runs the workflow in code with the same handlers as the YAML one.
await using engine = createEngine({ handlers })

engine.on('iteration.started', ({ index }) => console.log(`mail ${index + 1} …`))
engine.on('iteration.completed', ({ index, output }) => console.log(`mail ${index + 1}: ${JSON.stringify(output)}`))
engine.on('attempt.failed', ({ path, attempt, failure }) =>
  console.log(`${path}: attempt ${attempt}: ${failure.code}, again in a moment`),
)

const folder = import.meta.dirname
const run = await engine.start(emailTriage, { inbox: `${folder}/inbox`, out: `${folder}/out` })
const result = await run.result()
console.log(JSON.stringify(result, null, 2))
if (result.status !== 'completed') process.exitCode = 1
