import { createEngine } from 'segno'
import { triage, whereTo } from './workflow.ts'

// The workflow brings its handlers along.
await using engine = createEngine()

engine.on('task.asked', ({ runId }) => void answer(runId))

const run = await engine.start(triage, {
  mails: [
    { from: 'ada@example.org', subject: 'Kettle', body: 'It arrived broken.' },
    { from: 'luck@example.org', subject: 'You are a winner', body: 'Of a lottery.' },
    { from: 'bob@example.org', subject: 'Hello', body: 'Do you remember me?' },
  ],
})

const { tickets, summary } = await run.output()
console.log(`${tickets}: ${summary}`)

// In life, a page or a mail would ask a person.
async function answer(runId: string): Promise<void> {
  const asking = engine.run(runId, triage)
  for (const task of await asking.tasks(whereTo)) {
    console.log(`${task.title} A ticket.`)
    await asking.answer(task, { choice: 'ticket' }, { by: 'Eve' })
  }
}
