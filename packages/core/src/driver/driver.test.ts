import type { Definition, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { compile } from '../kernel/compile.ts'
import { createRun } from '../kernel/create.ts'
import { evolve } from '../kernel/evolve.ts'
import { emptyState } from '../kernel/state.ts'
import type { RunState } from '../kernel/state.ts'
import type { AppendOutcome, AppendRequest, InboxMessage } from '../ports/storage.ts'
import { Driver } from './driver.ts'
import type { DriverInput, DriverRequest } from './protocol.ts'

const lease = { runId: 'run', incarnation: 'incarnation', token: 1, expiresAt: 30_000 }
const ok: AppendOutcome = { outcome: 'ok', now: 0, inboxHead: 0 }
const go: InboxMessage = { id: 'go', name: 'go', payload: null, n: 1, deliveredAt: 0 }
const given: DriverInput = { type: 'settled', path: 'work', attempt: 1, outcome: { kind: 'completed', output: 1 } }

const waiting: Definition = { segno: 1, name: 'waiting', steps: [{ id: 'wait', waitFor: { signal: 'go' } }] }
const working: Definition = {
  segno: 1,
  name: 'working',
  steps: [
    { id: 'work', uses: 'work' },
    { id: 'wait', waitFor: { signal: 'go' } },
  ],
}
const booking: Definition = {
  ...working,
  steps: [
    { id: 'work', uses: 'work', effect: 'tx' },
    { id: 'wait', waitFor: { signal: 'go' } },
  ],
}

function setUp(definition: Definition) {
  const plan = compile(definition)
  const creation = { runId: 'run', incarnation: 'incarnation', engine: 'test', input: {}, labels: {}, handlers: {} }
  const created = createRun(plan, creation, { now: 0, token: 1, seed: 0, blobs: new Map() })
  const driver = (changes: { readonly token?: number; readonly crashed?: boolean } = {}): Driver => {
    const { token = 1, crashed = false } = changes
    const times = { leasedAt: 0, leaseMs: 30_000, storeNow: 0, mono: 0 }
    return new Driver({ plan, lease: { ...lease, token }, ...times, crashed, seed: 0 })
  }
  const journal = (...more: readonly RunEvent[]): RunState => {
    const state = emptyState()
    for (const event of [...created.decision.events, ...more]) evolve(plan, state, event)
    return state
  }
  const loaded = (state: RunState, inbox: readonly InboxMessage[], inboxHead = 0): DriverInput => {
    return { type: 'loaded', state, tail: state.seq, inbox, inboxHead, now: 0 }
  }
  return { created, driver, journal, loaded }
}

function appendIn(requests: readonly DriverRequest[]): AppendRequest {
  const request = requests.find(({ type }) => type === 'append')
  if (request?.type !== 'append') throw new Error(`no append among ${requests.map(({ type }) => type).join(', ')}`)
  return request.request
}

const typesOf = (requests: readonly DriverRequest[]): string[] => requests.map(({ type }) => type)

describe('a driver', () => {
  test('starts nothing when it hears so late that its batch was written that its lease has ended by the store’s clock', () => {
    const heard = (now: number): string[] => {
      const { driver, journal, loaded } = setUp(working)
      const holder = driver({ token: 2 })
      appendIn(holder.handle(loaded(journal(), []), 0))
      holder.handle({ type: 'appendFailed' }, 10)
      return typesOf(holder.handle({ type: 'appended', outcome: { outcome: 'duplicate', now, inboxHead: 0 } }, 20))
    }
    expect(heard(29_999)).toContain('perform')
    expect(heard(30_000)).not.toContain('perform')
    expect(heard(30_000)).toContain('done')
  })

  test('parks a run whose messages were taken in by the holder before', () => {
    const { driver, journal, loaded } = setUp(waiting)
    const taken = { seq: 3, v: 1, at: 0, runId: 'run', type: 'signal.received', id: 'other', name: 'other' } as const

    const request = appendIn(driver({ token: 2 }).handle(loaded(journal(taken), [], 1), 0))

    expect(request.park).toEqual({ inboxHead: 1 })
  })

  test('records what a handler gave, though its batch was refused because a message came', () => {
    const { created, driver, journal, loaded } = setUp(working)
    const machine = driver()
    machine.begin(created.state, created.decision, 0)
    expect(appendIn(machine.handle(given, 0)).park).toBeDefined()
    expect(typesOf(machine.handle({ type: 'appended', outcome: { outcome: 'inboxMoved', now: 0 } }, 0))).toEqual([
      'load',
    ])

    const requests = machine.handle(loaded(journal(), [go], 1), 0)

    expect(appendIn(requests).events.map(({ type }) => type)).toContain('step.completed')
    expect(typesOf([...requests, ...machine.handle({ type: 'appended', outcome: ok }, 0)])).not.toContain('perform')
  })

  test.for([
    ['nobody knows whether it was committed', { type: 'commitFailed' }],
    ['the journal was elsewhere', { type: 'appended', outcome: { outcome: 'conflict', now: 0 } }],
    ['it is known without its rows', { type: 'appended', outcome: { ...ok, outcome: 'duplicate' } }],
  ] as const)('loses an attempt whose transaction the store undid: where %s', ([, answer]) => {
    const { created, driver, journal, loaded } = setUp(booking)
    const machine = driver()
    machine.begin(created.state, created.decision, 0)
    expect(typesOf(machine.handle({ type: 'ready', path: 'work', attempt: 1 }, 0))).toContain('transact')
    expect(typesOf(machine.handle(given, 0))).toEqual(['commit'])
    expect(typesOf(machine.handle(answer, 0))).toEqual(['load'])
    const told = (requests: readonly DriverRequest[]): string[] => appendIn(requests).events.map(({ type }) => type)
    const lost = ['run.adopted', 'attempt.lost', 'attempt.started']

    expect(told(machine.handle(loaded(journal(), []), 0))).toEqual(lost)
    machine.handle({ type: 'appended', outcome: { outcome: 'conflict', now: 0 } }, 0)
    const again = machine.handle(loaded(journal(), []), 0)
    expect(told(again)).toEqual(lost)
    expect(typesOf([...again, ...machine.handle({ type: 'appended', outcome: ok }, 0)])).toContain('perform')
  })

  test('goes on from a commit of which nobody knew, where the journal has it', () => {
    const { created, driver, journal, loaded } = setUp(booking)
    const machine = driver()
    machine.begin(created.state, created.decision, 0)
    machine.handle({ type: 'ready', path: 'work', attempt: 1 }, 0)
    const commit = machine.handle(given, 0).find(({ type }) => type === 'commit')
    const { events } = commit?.type === 'commit' ? commit.request : { events: [] }
    machine.handle({ type: 'commitFailed' }, 0)

    const requests = machine.handle(loaded(journal(...events), []), 0)

    expect(typesOf(requests)).toEqual(['append'])
    expect(appendIn(requests).events).toEqual([])
  })

  test('records a pickup after a crash, though its first batch was refused', () => {
    const { driver, journal, loaded } = setUp(waiting)
    const machine = driver({ token: 2, crashed: true })
    machine.handle(loaded(journal(), []), 0)
    machine.handle({ type: 'appended', outcome: { outcome: 'inboxMoved', now: 0 } }, 0)

    const { events } = appendIn(machine.handle(loaded(journal(), [go], 1), 0))

    expect(events[0]?.type).toBe('run.adopted')
  })

  test('saves the state of a run that rests often, though each of its drivers adds little', () => {
    const { driver, journal, loaded } = setUp(waiting)
    const received = { v: 1, at: 0, runId: 'run', type: 'signal.received', name: 'other' } as const
    const many = Array.from({ length: 40 }, (_, index): RunEvent => ({ ...received, seq: 3 + index, id: `m${index}` }))

    const request = appendIn(driver({ token: 2 }).handle(loaded(journal(...many), [], 40), 0))

    expect(request.snapshot?.seq).toBe(42)
  })

  test('takes in so many messages at a time, and asks for the others', () => {
    const { driver, journal, loaded } = setUp(waiting)
    const flood = Array.from({ length: 600 }, (_, index) => ({ ...go, id: `m${index}`, name: 'other', n: index + 1 }))
    const machine = driver({ token: 2 })

    const requests = machine.handle(loaded(journal(), flood, 600), 0)

    expect(appendIn(requests).consume).toHaveLength(256)
    expect(appendIn(requests).park).toBeUndefined()
    expect(requests).toContainEqual({ type: 'readInbox', after: 256 })
  })

  test('does not park while it stops: it no longer reads what came', () => {
    const { created, driver } = setUp(working)
    const machine = driver()
    machine.begin(created.state, created.decision, 0)
    machine.handle({ type: 'stop' }, 0)

    expect(appendIn(machine.handle(given, 0)).park).toBeUndefined()

    expect(typesOf(machine.handle({ type: 'appended', outcome: ok }, 0))).toEqual(['publish', 'done'])
  })
})
