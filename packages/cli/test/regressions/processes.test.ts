/**
 * Processes that outlived their step, were not let end in order, or got other arguments than were meant.
 *
 * | test | what was wrong |
 * |---|---|
 * | a process that is out of time … | only the child itself was killed: what it had started ran on |
 * | … is asked to end before it is killed | it was killed at once, though it had been promised a request first |
 * | arguments arrive as they are … | a command was a text that was split at spaces, so that values could become arguments |
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunHandle } from '@segno/core'
import { virtualClock } from '@segno/core/testing'
import type { RunEvent } from '@segno/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventOf, isAlive, openWorld, played, until, type World, type WorldOptions } from './world.ts'

const timeout = 60_000
const hour = 3_600_000

/** A world whose time stands still until a test moves it: a limit is reached when the test says so, and not before. */
function timelessWorld(options: WorldOptions = {}): World & { readonly hourPasses: () => Promise<void> } {
  const clock = virtualClock()
  const world = openWorld({ clock, now: () => clock.now(), limits: { leaseMs: 100 * hour }, ...options })
  return Object.assign(world, { hourPasses: () => clock.advanceBy(hour) })
}

/** The number that a process has written into a file of the workspace. */
function pidIn(world: World, file: string): number {
  return Number(readFileSync(join(world.workspace, file), 'utf8'))
}

async function appears(world: World, ...files: readonly string[]): Promise<void> {
  for (const file of files) await until(() => existsSync(join(world.workspace, file)), `the file ${file}`)
}

async function recorded(run: RunHandle, type: RunEvent['type']): Promise<void> {
  for await (const event of run.events()) if (event.type === type) return
}

describe.concurrent('a process that is out of time', { timeout }, () => {
  test('takes all that it has started with it: children, grandchildren, and those that ignore the request', async ({
    expect,
  }) => {
    await using world = timelessWorld({ shell: { graceMs: 100 } })
    const run = await world.start(`
steps:
  - id: work
    timeout: 1h
    run: |
      tell() { echo $2 > $1.new; mv $1.new $1; }
      sh -c '
        sh -c "trap \\"\\" TERM; echo \\$\\$ > deaf.new; mv deaf.new deaf; while :; do sleep 1; done" &
        echo $$ > child.new; mv child.new child; sleep 1000' &
      sleep 1000 & tell grandchild $!
      tell leader $$
      wait`)
    const names = ['leader', 'child', 'grandchild', 'deaf']
    await appears(world, ...names)
    const pids = names.map((name) => pidIn(world, name))
    expect(pids.map(isAlive)).toEqual([true, true, true, true])

    await world.hourPasses()
    const { result, ...journal } = await played(run)

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'TIMEOUT' } })
    expect(eventOf(journal, 'timer.fired', 'work')).toMatchObject({ purpose: 'timeout' })
    expect(pids.map(isAlive)).toEqual([false, false, false, false])
  })

  test('is asked to end first, and what it does then is done: its trap runs', async ({ expect }) => {
    await using world = timelessWorld()
    const run = await world.start(`
steps:
  - id: work
    timeout: 1h
    run: |
      trap 'echo in order > ended; exit 0' TERM
      touch begun
      while :; do sleep 0.01; done`)
    await appears(world, 'begun')

    await world.hourPasses()
    const result = await run.result()

    expect(readFileSync(join(world.workspace, 'ended'), 'utf8')).toBe('in order\n')
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'TIMEOUT' } })
  })

  test('is killed after the grace where it ignores the request', async ({ expect }) => {
    await using world = timelessWorld({ shell: { graceMs: 2000 } })
    const run = await world.start(`
steps:
  - id: work
    timeout: 1h
    run: |
      trap 'touch heard' TERM
      echo $$ > pid.new; mv pid.new pid
      while :; do sleep 0.01; done`)
    await appears(world, 'pid')
    const pid = pidIn(world, 'pid')

    await world.hourPasses()
    await appears(world, 'heard')
    const result = await run.result()

    expect(result).toMatchObject({ status: 'failed', failure: { code: 'TIMEOUT' } })
    expect(isAlive(pid)).toBe(false)
  })

  test('has 5 s for that unless the host says otherwise', async ({ expect }) => {
    await using world = timelessWorld()
    const run = await world.start(`
steps:
  - id: work
    timeout: 1h
    run: |
      trap '' TERM
      touch begun
      while :; do sleep 0.01; done`)
    await appears(world, 'begun')

    const asked = performance.now()
    await world.hourPasses()
    await run.result()

    expect(performance.now() - asked).toBeGreaterThan(4900)
  })

  test('is gone when the next attempt begins, also where nobody waited for its end', async ({ expect }) => {
    await using world = timelessWorld()
    const run = await world.start(`
output: { before: { type: string, value: "\${{ steps.work.output }}" } }
steps:
  - id: work
    timeout: 1h
    retry: { max: 1, delay: 1h, jitter: false }
    output: { from: stdout }
    run: |
      if [ $SEGNO_ATTEMPT = 2 ]; then
        if [ -e /proc/$(cat pid) ]; then echo alive; else echo gone; fi
        exit
      fi
      trap '' TERM
      echo $$ > pid.new; mv pid.new pid
      while :; do sleep 0.01; done`)
    await appears(world, 'pid')

    await world.hourPasses()
    await recorded(run, 'timer.fired')
    // The clock of the engine runs faster than that of the shell here: the engine is the first to give up.
    await world.hourPasses()
    await recorded(run, 'attempt.failed')
    await world.hourPasses()
    const { result, ...journal } = await played(run)

    expect(eventOf(journal, 'attempt.abandoned', 'work')).toMatchObject({ attempt: 1 })
    expect(result).toEqual({ status: 'completed', output: { before: 'gone' } })
  })
})

describe('arguments arrive as they are', { timeout }, () => {
  const count = 40
  const items = Array.from({ length: count }, (_, at) => `"\${{ input.given[${at}] }}"`)
  const definition = `
input: { given: { type: array, items: { type: string }, minItems: ${count} } }
output: { argv: { type: array, value: "\${{ steps.tell.output }}" } }
steps:
  - id: tell
    exec: [${JSON.stringify(process.execPath)}, -e, "console.log(JSON.stringify(process.argv.slice(1)))", --, ${items.join(', ')}]
    output: { from: json }`

  const sharp = ['', ' ', '\n', '\t a ', '-', '--', '-rf', '--help', '$(id)', '`id`', '$HOME', '"', "'", `'"'"'`]
  const signs = [
    '\\',
    '\\n',
    ';',
    '&&',
    '|',
    '>',
    '*',
    '~',
    '#',
    '!',
    '{a,b}',
    '%s',
    '\r\n',
    '\u{1f600}',
    'é',
    '\u202e',
  ]
  const text = fc.oneof(
    fc.constantFrom(...sharp, ...signs),
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.array(fc.constantFrom(...sharp, ...signs, 'a'), { maxLength: 6 }).map((parts) => parts.join('')),
  )
  // No process can be given a NUL.
  const argument = text.filter((each) => !each.includes('\0') && each.isWellFormed())

  test('in a real process, byte for byte, whatever they hold', async () => {
    await using world = openWorld()
    const given = fc.array(argument, { minLength: count, maxLength: count })
    await fc.assert(
      fc.asyncProperty(given, async (values) => {
        const { result } = await world.play(definition, { given: values })
        expect(result).toEqual({ status: 'completed', output: { argv: values } })
      }),
      { numRuns: 12 },
    )
  })
})
