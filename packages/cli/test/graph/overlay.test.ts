import { parseFixture, runFixture } from '@segno/core/testing'
import type { Step } from '@segno/schema'
import { runOverlay, type RunOverlay } from '@segno/schema/graph'
import { describe, expect, test } from 'vitest'

type Played = Partial<Pick<Parameters<typeof runFixture>[0], 'script' | 'signals' | 'commands' | 'crashes'>>

/** What a run of these steps says of their graph, once `until` has happened, or at its end. */
function overlay(steps: readonly Step[], { until, ...played }: Played & { readonly until?: string } = {}): RunOverlay {
  const fixture = parseFixture({
    title: 'a run',
    definition: { segno: 1, name: 'run', imports, steps },
    handlers: { work: {} },
    ...played,
    expect: { events: [], status: 'completed' },
  })
  const { events } = runFixture(fixture)
  const told = events.map((event) => ('path' in event ? `${event.type} ${event.path}` : event.type))
  if (until !== undefined) expect(told).toContain(until)
  return runOverlay(fixture.definition, until === undefined ? events : events.slice(0, told.indexOf(until) + 1))
}

const imports = { review: { segno: 1, name: 'review', steps: [{ id: 'look', uses: 'work' }] } }

/** The words of what is named, in order. */
function words({ items }: RunOverlay, ...ids: readonly string[]): readonly string[] {
  return ids.map((id) => {
    const item = items.get(id)
    return item === undefined ? 'none' : [item.status, ...(item.note === undefined ? [] : [item.note])].join(' · ')
  })
}

const work = (id: string, more: object = {}): Step => ({ id, uses: 'work', ...more })
const retry = { retry: { max: 2, delay: '1s', jitter: false } }
const broken = { failure: { code: 'BROKEN' } }

describe('a step', () => {
  const steps = [
    work('a', retry),
    work('b'),
    { id: 'wait', waitFor: { signal: 'go' }, timeout: '1h' } as Step,
    work('c'),
  ]
  const script = { a: [broken, {}], b: [{ after: '1m' }], c: [broken] }

  test('is told by what last became of it', () => {
    const at = (until: string): readonly string[] => words(overlay(steps, { script, until }), 'a', 'b', 'wait', 'c')
    expect(at('run.created')).toEqual(['pending', 'pending', 'pending', 'pending'])
    expect(at('attempt.failed a')).toEqual(['retrying · BROKEN', 'pending', 'pending', 'pending'])
    expect(at('step.completed a')).toEqual(['completed · attempt 2', 'pending', 'pending', 'pending'])
    expect(at('attempt.started b')[1]).toBe('running')
    expect(at('step.started wait')[2]).toBe('waiting')
  })

  test('that a failed run did not come to is not reached', () => {
    const { run, ...failed } = overlay(steps, { script })
    expect(run).toEqual({ status: 'failed', note: 'TIMEOUT' })
    expect(words({ run, ...failed }, 'wait', 'c', ':exit')).toEqual(['failed · TIMEOUT', 'unreached', 'unreached'])
  })

  test('that an operator has to see to is blocked, with why', () => {
    const blocked = overlay([work('a', { onFailure: 'block' })], { script: { a: [broken] } })
    expect(words(blocked, 'a')).toEqual(['blocked · BROKEN'])
  })

  test('that an operator tried again is the same', () => {
    const commands = [{ at: '1m', id: 'one', command: 'retry' } as const]
    const again = overlay([work('a', { onFailure: 'block' })], { script: { a: [broken], 'a~2': [{}] }, commands })
    expect(words(again, 'a')).toEqual(['completed'])
  })

  test('that takes back another is reached when it does', () => {
    const steps2 = [work('a', { undo: { uses: 'work' } }), work('b')]
    const failed = overlay(steps2, { script: { a: [{}], b: [broken], 'a.undo': [{}] } })
    expect(words(failed, 'a', 'a:undo', 'b')).toEqual(['completed', 'completed', 'failed · BROKEN'])
    const completed = overlay(steps2, { script: { a: [{}], b: [{}] } })
    expect(words(completed, 'a:undo')).toEqual(['unreached'])
  })
})

describe('a branch', () => {
  const choice = (test: string): Step => ({ id: 'c', if: test, do: [work('a')], else: [work('b')] }) as Step

  test('that was not taken is not reached, nor what is in it', () => {
    const script = { 'c/b': [{}] }
    const taken = overlay([choice('1 > 2')], { script })
    expect(words(taken, 'c', 'c:do', 'a', 'c:else', 'b')).toEqual([
      'completed',
      'unreached',
      'unreached',
      'none',
      'completed',
    ])
  })

  test('may still be taken while a loop around it goes on', () => {
    const steps: readonly Step[] = [{ id: 'l', forEach: { in: [1, 2], as: 'n' }, do: [choice('n == 2')] }]
    const script = { 'l[0]/c/b': [{}], 'l[1]/c/a': [{}] }
    expect(words(overlay(steps, { script, until: 'step.completed l[0]/c' }), 'c:do', 'a', 'b')).toEqual([
      'none',
      'pending',
      'completed',
    ])
    expect(words(overlay(steps, { script }), 'c:do', 'a', 'b')).toEqual(['none', 'completed', 'completed'])
  })

  test('of `try` is not reached where nothing failed', () => {
    const steps = [{ id: 't', try: [work('a')], catch: [{ do: [work('b')] }], finally: [work('c')] }] as readonly Step[]
    const script = { 't/a': [{}], 't/c': [{}] }
    expect(words(overlay(steps, { script }), 't:do', 't:catch[0]', 'b', 't:finally', 'c')).toEqual([
      ...['none', 'unreached', 'unreached', 'none', 'completed'],
    ])
  })
})

describe('a loop', () => {
  const each: Step = { id: 'l', forEach: { in: [1, 2, 3], concurrency: 2, collect: true }, do: [work('a')] }
  const script = { 'l[0]/a': [{ after: '1s' }], 'l[1]/a': [{ after: '2s', ...broken }], 'l[2]/a': [{ after: '9s' }] }

  test('is told with how many passes have ended', () => {
    expect(words(overlay([each], { script, until: 'iteration.completed l' }), 'l')).toEqual(['running · 1/3'])
    expect(words(overlay([each], { script }), 'l')).toEqual(['completed · 3/3 · 1 failed'])
  })

  test('has inside what still goes on, and otherwise the latest, with how often it came up', () => {
    expect(words(overlay([each], { script, until: 'step.failed l[1]/a' }), 'a')).toEqual(['running · 3× · 1 failed'])
    expect(words(overlay([each], { script }), 'a')).toEqual(['completed · 3× · 1 failed'])
  })

  test('that is done early says so', () => {
    const repeat: Step = { id: 'l', repeat: { max: 5, until: 'iteration == 1' }, do: [work('a')] }
    expect(words(overlay([repeat], { script: { 'l[0]/a': [{}], 'l[1]/a': [{}] } }), 'l')).toEqual(['completed · 2/5'])
  })
})

describe('a state machine', () => {
  const machine = {
    id: 'm',
    initial: 'draft',
    states: {
      draft: { do: [work('write')], next: [{ to: 'review' }] },
      review: { on: { rejected: { to: 'draft' }, approved: { to: 'live' } }, after: { '1h': { to: 'gone' } } },
      live: { do: [work('publish')] },
      gone: {},
    },
  } as Step
  const script = { 'm[0]/write': [{}], 'm[2]/write': [{}], 'm[4]/publish': [{}] }
  const signals = [
    { at: '1m', id: 'one', name: 'rejected' },
    { at: '2m', id: 'two', name: 'approved' },
  ]
  const states = ['m', 'm:state:draft', 'm:state:review', 'm:state:live', 'm:state:gone']

  test('is told with the state that it is in', () => {
    const rests = overlay([machine], { script, signals, until: 'step.completed m[2]/write' })
    expect(words(rests, ...states)).toEqual([
      ...['running · in draft', 'running · current · 2×', 'completed', 'pending', 'pending'],
    ])
  })

  test('has states that it never came to', () => {
    expect(words(overlay([machine], { script, signals }), ...states)).toEqual([
      ...['completed', 'completed · 2×', 'completed · 2×', 'completed', 'unreached'],
    ])
  })
})

test('what is inside of a call is told apart from what calls it', () => {
  const steps = [{ id: 'look', call: 'review' }] as readonly Step[]
  const called = overlay(steps, { script: { 'look/look': [broken] } })
  expect(words(called, 'look', 'look/look')).toEqual(['failed · BROKEN', 'failed · BROKEN'])
})

describe('a run', () => {
  const steps = [work('a')]
  const script = { a: [{ after: '1m', onAbort: {} }] }
  const statusOf = (played: Played & { readonly until?: string }): RunOverlay['run'] =>
    overlay(steps, { script, ...played }).run

  test('is told as it stands', () => {
    expect(statusOf({ until: 'run.created' })).toEqual({ status: 'running' })
    expect(statusOf({})).toEqual({ status: 'completed' })
    const pause = { at: '1s', id: 'one', command: 'pause' } as const
    expect(statusOf({ commands: [pause], until: 'operator.acted' })).toEqual({ status: 'paused' })
    const cancel = { at: '1s', id: 'one', command: 'cancel' } as const
    expect(statusOf({ commands: [cancel], until: 'cancel.requested' })).toEqual({ status: 'cancelling' })
    expect(statusOf({ commands: [cancel] })).toMatchObject({ status: 'cancelled' })
  })
})
