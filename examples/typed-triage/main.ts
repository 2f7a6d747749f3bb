import { createEngine } from 'segno'
import { triage, whereTo } from './workflow.ts'

// The workflow brings its handlers along.
await using engine = createEngine()

engine.on('task.asked', () => {
  // In life, a page or a mail would ask a person.
  void answerAll()
})

const run = await engine.start(triage, {
  mails: [
    { from: 'ada@example.org', subject: 'Kettle', body: 'It arrived broken.' },
    { from: 'luck@example.org', subject: 'You are a winner', body: 'Of a lottery.' },
    { from: 'bob@example.org', subject: 'Hello', body: 'Do you remember me?' },
  ],
})

const { tickets, summary } = await run.output()
console.log(`${tickets}: ${summary}`)

async function answerAll(): Promise<void> {
  for (const task of await run.tasks(whereTo)) {
    console.log(`${task.title} A ticket.`)
    await run.answer(task, { choice: 'ticket' }, { by: 'Eve' })
  }
}
