import type { Definition } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { nextCommands } from '../next-commands.ts'
import { playedTo, type Play } from './played.fixture.ts'
import { awaitedRuns, isStuck, type Progress } from './progress.ts'
import { everyStep } from './step-index.ts'

function definition(steps: Definition['steps'], more: Partial<Definition> = {}): Definition {
  return { segno: 1, name: 'it', steps, ...more }
}

function rows({ steps }: Progress): readonly string[] {
  return [...steps.values()].map(({ path, status, note }) =>
    [path, status, ...(note === undefined ? [] : [note])].join(' '),
  )
}

function next(progress: Progress, open: readonly Progress[] = []): readonly string[] {
  return nextCommands(progress, { ending: 'waiting', volatile: false, same: [], open }).map(([, command]) => command)
}

const document: Definition = definition([
  {
    id: 'm',
    initial: 'draft',
    states: {
      draft: { do: [{ id: 'write', uses: 'h' }], on: { submit: { to: 'review' } } },
      review: { on: { approve: { to: 'done' }, reject: { to: 'draft' } }, after: { '1d': { to: 'draft' } } },
      done: {},
    },
  },
])
const machine: Play = {
  definition: document,
  handlers: { h: {} },
  script: { 'm[0]/write': [{ after: '5s' }], 'm[2]/write': [{}] },
}
const submit = { at: '1m', id: 's1', name: 'submit' } as const
const approve = { at: '2m', id: 's2', name: 'approve' } as const

describe('a state machine', () => {
  test('has a row for each visit, with the steps of the state', () => {
    const progress = playedTo({ ...machine, signals: [submit] }, 'state.entered')
    expect(rows(progress)).toEqual([
      'm running draft',
      'm[0] completed',
      'm[0]/write completed',
      'm[1] completed on submit',
      'm[2] running after a time',
      'm[2]/write pending',
    ])
    expect(progress.steps.get('m[1]')?.label).toBe('m[1]: review')
  })

  test('works while a step of its state does, and rests once that is over', () => {
    expect(isStuck(playedTo(machine, 'attempt.started'))).toBe(false)
    const resting = playedTo(machine)
    expect(rows(resting)).toEqual(['m waiting draft', 'm[0] waiting', 'm[0]/write completed'])
    expect(isStuck(resting)).toBe(true)
    expect(next(resting)[0]).toBe('segno signal run submit')
  })

  test('is not stuck where it goes on after a time, and shows when', () => {
    const progress = playedTo({ ...machine, signals: [submit] }, 'timer.set')
    expect(isStuck(progress)).toBe(false)
    expect(progress.steps.get('m[1]')).toMatchObject({
      signals: ['approve', 'reject'],
      due: expect.any(Number) as number,
    })
    expect(next(progress).slice(0, 2)).toEqual(['segno signal run approve', 'segno signal run reject'])
  })

  test('leaves its last state when it is over', () => {
    const progress = playedTo({ ...machine, script: { 'm[0]/write': [{}] }, signals: [submit, approve] })
    expect(rows(progress)).toEqual([
      ...['m completed done', 'm[0] completed', 'm[0]/write completed', 'm[1] completed on submit'],
      'm[2] completed on approve',
    ])
    expect(progress.live.size).toBe(0)
  })
})

describe('a question', () => {
  const question = { id: 'q', ask: { title: 'Ship it?', choices: ['yes', 'no'] } }
  const asks = { definition: definition([question]) }

  test('waits for somebody, and says what is asked', () => {
    const progress = playedTo(asks)
    expect(rows(progress)).toEqual(['q waiting Ship it?'])
    expect(isStuck(progress)).toBe(true)
    expect(next(progress)[0]).toBe('segno answer run q')
  })

  test('is not stuck where a time limit ends it', () => {
    const limited = definition([{ ...question, timeout: '1d', onFailure: 'continue' }])
    expect(isStuck(playedTo({ definition: limited }, 'task.asked'))).toBe(false)
  })

  test('says who answered what', () => {
    const answers = [{ at: '1m', id: 'a', path: 'q', choice: 'no', by: 'Ada' }] as const
    expect(rows(playedTo({ ...asks, answers }))).toEqual(['q completed no by Ada'])
  })
})

const waits: Definition = definition([{ id: 'w', waitFor: { signal: 'go' } }])

describe('a run that a step has started', () => {
  const imports = { sub: waits }
  const parent = (step: object): Play => ({
    definition: definition([{ id: 's', start: 'sub', ...step }] as Definition['steps'], { imports }),
  })

  test('is waited for, and named', () => {
    const progress = playedTo(parent({}))
    const [runId = ''] = awaitedRuns(progress)
    expect(runId).toMatch(/^sub_[0-9a-f]{32}$/)
    expect(rows(progress)).toEqual([`s waiting run ${runId}`])
    expect(isStuck(progress)).toBe(true)
    const other = { ...playedTo({ definition: waits }), runId }
    expect(next(progress, [other])[0]).toBe(`segno signal ${runId} go`)
  })

  test('is waited for after its step too, unless it is detached', () => {
    const beside = playedTo(parent({ wait: false }))
    expect(rows(beside)).toEqual([expect.stringMatching(/^s completed run sub_/)])
    expect(awaitedRuns(beside)).toHaveLength(1)
    expect(isStuck(beside)).toBe(true)
    const detached = playedTo(parent({ wait: false, detached: true }))
    expect(detached.status).toBe('completed')
    expect([...detached.runs.values()]).toMatchObject([{ isLetGo: true }])
    expect(awaitedRuns(detached)).toEqual([])
  })

  test('is done with once it has ended', () => {
    const signals = [{ at: '1m', id: 'x', name: 'go', run: 's' }] as const
    const progress = playedTo({ ...parent({}), signals })
    expect(awaitedRuns(progress)).toEqual([])
    expect(rows(progress)).toEqual([expect.stringMatching(/^s completed run sub_\w+ completed$/)])
  })
})

describe('a called workflow', () => {
  const inner = definition([{ id: 'deep', uses: 'h' }], { finally: [{ id: 'tidy', uses: 'h' }] })
  const middle = definition([{ id: 'again', call: 'inner' }], { imports: { inner } })
  const calls = definition([{ id: 'c', call: 'middle' }], { imports: { middle } })
  const play: Play = { definition: calls, handlers: { h: {} }, script: { 'c/again/deep': [{}], 'c/again/tidy': [{}] } }

  test('shows its inside, with where that stands', () => {
    const progress = playedTo(play)
    expect(rows(progress)).toEqual([
      ...['c completed', 'c/again completed finally', 'c/again/deep completed', 'c/again/tidy completed'],
    ])
    expect(progress.steps.get('c/again/tidy')?.declared?.pointer).toBe('/imports/middle/imports/inner/finally/0')
  })

  test('counts once it has come up, and not among the steps of its caller', () => {
    expect(playedTo(play, 'run.created').counts.pending).toBe(1)
    expect([...everyStep(playedTo(play, 'run.created').lists)].map(({ id }) => id)).toEqual(['c'])
  })
})

describe('what is taken back', () => {
  const undone = (id: string): Definition['steps'][number] => ({
    id,
    uses: 'h',
    undo: { uses: 'h', with: { undone: id } },
  })
  const steps = definition([
    undone('pay'),
    { id: 'each', forEach: { in: [1, 2] }, do: [undone('book')] },
    { id: 'bad', uses: 'h' },
  ])
  const play: Play = {
    definition: steps,
    handlers: { h: {} },
    script: {
      ...{ pay: [{}], 'each[0]/book': [{}], 'each[1]/book': [{}], bad: [{ failure: { code: 'NO' } }] },
      ...{ 'each[1]/book.undo': [{}], 'each[0]/book.undo': [{ failure: { code: 'GONE', retryable: false } }] },
    },
  }

  test('has rows below the run that takes it back, whatever block it was in', () => {
    const progress = playedTo(play, 'attempt.started', 'each[0]/book.undo')
    expect(progress.children.map(({ label, status }) => `${label} ${status}`)).toEqual([
      ...['pay completed', 'each completed', 'bad failed', 'each[1]/book.undo completed', 'each[0]/book.undo running'],
    ])
    expect(isStuck(progress)).toBe(false)
  })

  test('blocks the run where it fails, and says which', () => {
    const progress = playedTo(play)
    expect(isStuck(progress)).toBe(true)
    expect([...progress.live].map(({ path, status }) => `${path} ${status}`)).toEqual(['each[0]/book.undo blocked'])
    expect(progress.steps.get('each[0]/book.undo')?.declared).toMatchObject({
      pointer: '/steps/1/do/0/undo',
      kind: 'uses',
    })
  })

  test('goes on as the same row after a retry', () => {
    const commands = [{ at: '1h', id: 'r', command: 'retry' }] as const
    const script = { ...play.script, 'each[0]/book.undo~2': [{}], 'pay.undo': [{}] }
    const progress = playedTo({ ...play, script, commands })
    expect(progress.children.slice(3).map(({ path, status }) => `${path} ${status}`)).toEqual([
      ...['each[1]/book.undo completed', 'each[0]/book.undo completed', 'pay.undo completed'],
    ])
    expect(progress.status).toBe('failed')
  })

  test('of one item stands in its pass', () => {
    const collects = definition([
      { id: 'each', forEach: { in: [1, 2], collect: true }, do: [undone('book'), { id: 'bad', uses: 'h' }] },
    ])
    const script = {
      ...{ 'each[0]/book': [{}], 'each[0]/bad': [{ failure: { code: 'NO' } }], 'each[0]/book.undo': [{}] },
      ...{ 'each[1]/book': [{}], 'each[1]/bad': [{}] },
    }
    const progress = playedTo({ definition: collects, handlers: { h: {} }, script })
    const pass = progress.steps.get('each[0]')
    expect(pass?.children.map(({ label }) => label)).toEqual(['book', 'bad', 'book.undo'])
    expect(pass?.status).toBe('failed')
  })

  test('stands in the block that failed, and the catch of it after', () => {
    const tries = definition([
      { id: 't', try: [undone('pay'), { id: 'bad', uses: 'h' }], catch: [{ do: [{ id: 'note', uses: 'h' }] }] },
    ])
    const script = { 't/pay': [{}], 't/bad': [{ failure: { code: 'NO' } }], 't/pay.undo': [{}], 't/note': [{}] }
    const progress = playedTo({ definition: tries, handlers: { h: {} }, script })
    expect(rows(progress)).toEqual([
      ...['t completed catch[0]', 't/pay completed', 't/bad failed', 't/pay.undo completed', 't/note completed'],
    ])
  })
})

test('a step says what it asks of the world', () => {
  const steps = definition([
    { id: 'get', http: { url: 'https://api.test/orders' } },
    { id: 'see', watch: { glob: 'in/*.json' } },
    { id: 'tell', emit: { signal: 'ready' } },
  ])
  const script = { get: [{ output: { status: 200, headers: {}, body: 1 } }], see: [{ output: { files: [] } }] }
  const progress = playedTo({ definition: steps, script })
  expect([...progress.steps.values()].map(({ about }) => about)).toEqual([
    ...['GET https://api.test/orders', 'in/*.json', 'signal ready'],
  ])
})

test('a sleep until an instant goes on by itself', () => {
  const progress = playedTo({ definition: definition([{ id: 'z', sleepUntil: '2026-01-02T00:00:00Z' }]) }, 'timer.set')
  expect(rows(progress)).toEqual(['z waiting'])
  expect(isStuck(progress)).toBe(false)
})

test('a repeat that rested between two passes can be stuck in the next', () => {
  const steps = definition([{ id: 'r', repeat: { max: 2, every: '1h' }, do: [{ id: 'w', waitFor: { signal: 'go' } }] }])
  const signals = [{ at: '1m', id: 's', name: 'go' }] as const
  expect(isStuck(playedTo({ definition: steps, signals }, 'timer.set'))).toBe(false)
  expect(isStuck(playedTo({ definition: steps, signals }))).toBe(true)
})
