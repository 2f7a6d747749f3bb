import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { virtualClock } from '@segno/core/testing'
import { createEngine, handlerContracts, loadDefinition, memoryStorage } from 'segno'
import { describe, expect, test } from 'vitest'
import { triage, whereTo } from './workflow.ts'

const kettle = { from: 'ada@example.org', subject: 'Kettle', body: 'It arrived broken.' }
const lottery = { from: 'luck@example.org', subject: 'You are a winner', body: 'Of a lottery.' }
const hello = { from: 'bob@example.org', subject: 'Hello', body: 'Do you remember me?' }

describe('the workflow', () => {
  test('has no mistakes, also against what its handlers say of themselves', () => {
    const { diagnostics } = loadDefinition(triage.definition, { handlers: handlerContracts({ workflows: [triage] }) })
    expect(diagnostics).toEqual([])
  })

  test('opens tickets, and drops spam', async () => {
    await using engine = createEngine()
    const run = await engine.start(triage, { mails: [kettle, lottery] })
    expect(await run.output()).toEqual({ tickets: 1, summary: '1 tickets, 0 left' })
  })

  test('asks a person about what it does not understand', async () => {
    await using engine = createEngine()
    const asked = new Promise<void>((resolve) => {
      engine.on('task.asked', () => resolve())
    })
    const run = await engine.start(triage, { mails: [hello] })
    await asked
    const [task] = await run.tasks(whereTo)
    expect(task?.title).toBe('What is "Hello"?')
    if (task !== undefined) await run.answer(task, { choice: 'drop' })
    expect(await run.output()).toEqual({ tickets: 0, summary: '0 tickets, 0 left' })
  })

  test('leaves a mail of which nobody says anything', async () => {
    const clock = virtualClock()
    await using engine = createEngine({ clock, storage: memoryStorage({ now: clock.now }) })
    const run = await engine.start(triage, { mails: [hello, kettle] })
    await clock.advanceBy(3 * 24 * 3_600_000)
    expect(await run.output()).toEqual({ tickets: 1, summary: '1 tickets, 1 left' })
  })
})

test('a program of its own is a host that embeds the engine', async () => {
  const argv = ['--conditions=@segno/source', 'main.ts']
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: import.meta.dirname })
  expect(stdout).toBe('What is "Hello"? A ticket.\n2: 2 tickets, 0 left\n')
})
