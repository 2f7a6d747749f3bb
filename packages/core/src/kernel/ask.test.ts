import { canonicalJson, sha256Hex } from '@segno/schema/plan'
import type { Json, RunEvent, Step } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { World, workflow } from '../../test/kernel/world.ts'
import { inlineBytesMax, valueBytesMax } from './kept.ts'

const choosing = workflow([{ id: 'q', ask: { title: 'Go on?', choices: ['yes', 'no'] } }])
const filling = workflow([
  { id: 'q', ask: { title: 'How many?', form: { count: { type: 'integer', minimum: 1 }, unit: { type: 'string' } } } },
])
const confirming = workflow([{ id: 'q', ask: { title: 'Seen?' } }])

const hashOf = (world: World): string => world.questions()[0]?.hash ?? ''

/** What the first event after an answer says of it. */
function told([event]: readonly RunEvent[]): Json | undefined {
  if (event?.type === 'signal.ignored') return `${event.because.code}: ${String(event.because.message)}`
  return event?.type === 'task.answered' ? event.answer : undefined
}

describe('an answer that does not count is recorded with the reason', () => {
  const invalid = 'ANSWER_INVALID: '
  test.for<[string, Json, typeof choosing, string]>([
    ['has a comment that is no text', { comment: 1, choice: 'yes' }, choosing, 'the comment is no text'],
    ['fills in a form that there is not', { form: {}, choice: 'yes' }, choosing, 'there is no form to fill in'],
    ['makes another choice', { choice: 'maybe' }, choosing, '"maybe" is none of the choices: yes, no'],
    ['makes no choice', {}, choosing, 'null is none of the choices: yes, no'],
    ['makes a choice that is no text', { choice: ['yes'] }, choosing, '["yes"] is none of the choices: yes, no'],
    ['chooses where there is a form', { choice: 'yes', form: {} }, filling, 'there is nothing to choose from'],
  ])('%s', ([, answer, definition, reason]) => {
    const world = new World(definition)
    const fields = { path: 'q', hash: hashOf(world), ...(answer as object) }
    expect(told(world.send('segno.answer', fields))).toBe(invalid + reason)
    expect(world.questions()).toHaveLength(1)
  })

  test('with all that is wrong with its form', () => {
    const world = new World(filling)
    const form = { count: 0 }
    expect(told(world.send('segno.answer', { path: 'q', hash: hashOf(world), form }))).toBe(
      'ANSWER_INVALID: the field "count": 0 is less than 1; the field "unit" is missing',
    )
  })

  test('where it is to another question', () => {
    const world = new World(choosing)
    expect(told(world.send('segno.answer', { path: 'q', hash: '0'.repeat(64), choice: 'yes' }))).toBe(
      'TASK_CHANGED: the answer is to another question: what is shown has another hash',
    )
  })

  test('where it is larger than what a run keeps', () => {
    const world = new World(confirming)
    const comment = 'x'.repeat(8 * 1024 * 1024)
    expect(told(world.send('segno.answer', { path: 'q', hash: hashOf(world), comment }))).toMatch(
      /^ANSWER_INVALID: the value has \d+ bytes of JSON/,
    )
  })
})

describe('an answer to what is not asked', () => {
  test.for<[string, Json, string, object]>([
    ['names the place', 'p', '"p"', { details: { path: 'p' } }],
    ['has a place that is no text', 1, '1', {}],
    ['has a place that is no path', 'x'.repeat(1001), `"${'x'.repeat(56)}…`, {}],
    ['has the longest place', 'x'.repeat(1000), `"${'x'.repeat(56)}…`, { details: { path: 'x'.repeat(1000) } }],
  ])('%s', ([, path, quoted, details]) => {
    const [event] = new World(choosing).send('segno.answer', { path })
    expect(event).toMatchObject({ type: 'signal.ignored' })
    expect(event?.type === 'signal.ignored' && event.because).toEqual({
      code: 'TASK_CLOSED',
      message: `nothing is asked at ${quoted} any more`,
      ...details,
    })
  })

  const wait: Step = { id: 'q', waitFor: { signal: 's' } }
  const timed: Step = { id: 'q', ask: { title: 'Seen?' }, timeout: '1h', onFailure: 'block' }
  const beside: Step = {
    id: 'p',
    parallel: [
      { id: 'q', ask: { title: 'Seen?' } },
      { id: 'a', uses: 'h' },
    ],
  }
  test.for<[string, Step, string, (world: World) => unknown]>([
    ['names a step that asks nothing', wait, 'q', () => undefined],
    ['comes when its time is over', timed, 'q', (world) => world.pass(3_600_000)],
    [
      'comes after another, in a run that is paused',
      timed,
      'q',
      (world) => [world.send('segno.pause'), world.send('segno.answer', { path: 'q', hash: hashOf(world) })],
    ],
    [
      'comes when the question is no more needed, in a run that is paused',
      beside,
      'p/q',
      (world) => [world.send('segno.pause'), world.fail('p/a', { retryable: false })],
    ],
  ])('%s', ([, step, path, happen]) => {
    const world = new World(workflow([step]))
    const [{ hash }] = [...world.questions(), { hash: undefined }]
    happen(world)
    const fields = hash === undefined ? { path } : { path, hash }
    expect(told(world.send('segno.answer', fields))).toBe(`TASK_CLOSED: nothing is asked at "${path}" any more`)
  })

  test('has no place', () => {
    expect(told(new World(choosing).send('segno.answer', {}))).toBe('TASK_CLOSED: nothing is asked at null any more')
  })
})

describe('the hash of a question is that of what is shown, and of nothing else', () => {
  const shown = { title: 'Go on?' }
  const more = { body: 'All tests pass.', choices: ['yes', 'no'] }
  const form = { note: { type: 'string' } } as const
  test.for<[string, object, object]>([
    ['a title', shown, shown],
    ['a body and choices', { ...shown, ...more }, { ...shown, ...more }],
    ['a form', { ...shown, form }, { ...shown, form }],
    ['a subject', { ...shown, subject: { n: 1 } }, { ...shown, subject: { n: 1 } }],
    ['a subject that is null', { ...shown, subject: null }, { ...shown, subject: null }],
    ['assignees', { ...shown, assignees: ['ada'] }, shown],
  ])('%s', ([, ask, hashed]) => {
    const world = new World(workflow([{ id: 'q', ask } as Step]))
    expect(hashOf(world)).toBe(sha256Hex(canonicalJson(hashed as Json)))
    const asked = world.journal.find(({ type }) => type === 'task.asked')
    expect(asked).toMatchObject(ask)
    expect(Object.keys(asked ?? {}).toSorted()).toEqual(
      ['seq', 'v', 'at', 'runId', 'type', 'path', 'attempt', 'hash', ...Object.keys(ask)].toSorted(),
    )
  })
})

describe('a question that cannot be asked fails its step', () => {
  const long = 'x'.repeat(inlineBytesMax)
  test.for<[string, Json, string]>([
    ['an empty title', { title: '' }, '`title` is ""; expected a text'],
    ['a title that is no text', { title: 7 }, '`title` is 7; expected a text'],
    ['a body that is no text', { title: 't', body: 7 }, '`body` is 7; expected a text'],
    ['names that are no list', { title: 't', assignees: 'ada' }, '`assignees` is "ada"; expected a list of names'],
    [
      'names that are no texts',
      { title: 't', assignees: ['a', 1] },
      '`assignees` is ["a",1]; expected a list of names',
    ],
    [
      'more text than fits an event',
      { title: 't', body: long },
      `what is asked has more than ${inlineBytesMax} bytes of text; show the rest as its \`subject\``,
    ],
  ])('%s', ([, shown, message]) => {
    const { title, body, assignees } = shown as Record<string, Json>
    const ask = {
      title: '${{ input.title }}',
      ...(body === undefined ? {} : { body: '${{ input.body }}' }),
      ...(assignees === undefined ? {} : { assignees: '${{ input.assignees }}' }),
    }
    const world = new World(workflow([{ id: 'q', ask } as unknown as Step]), {
      input: { title, body, assignees } as Json,
    })
    const code = expect.stringMatching(/^(TYPE_MISMATCH|PAYLOAD_TOO_LARGE)$/) as unknown
    expect(world.state.failure).toEqual({ code, message, retryable: false })
  })

  test.for<[string, Step, Json, string]>([
    ['a title that has no value', { id: 'q', ask: { title: '${{ input.none }}' } }, {}, 'MISSING_VALUE'],
    [
      'a time limit that is none',
      { id: 'q', ask: { title: 't' }, timeout: '${{ input.limit }}' },
      { limit: 'soon' },
      'DURATION_INVALID',
    ],
    [
      'a subject that is larger than what a run keeps',
      { id: 'q', ask: { title: 't', subject: ['${{ input.half }}', '${{ input.half }}'] } },
      { half: 'é'.repeat(valueBytesMax / 4) },
      'PAYLOAD_TOO_LARGE',
    ],
  ])('%s', ([, step, input, code]) => {
    expect(new World(workflow([step]), { input }).state.failure?.code).toBe(code)
  })

  test('as much text as fits an event is asked', () => {
    const most = 'x'.repeat(inlineBytesMax)
    const input = { title: most, body: most.slice(1) }
    for (const ask of [{ title: '${{ input.title }}' }, { title: 't', body: '${{ input.body }}' }])
      expect(new World(workflow([{ id: 'q', ask }]), { input }).questions()).toHaveLength(1)
  })
})

test('a question shows what has to be loaded first', () => {
  const text = 'x'.repeat(inlineBytesMax)
  const ask = { title: 'Is it ${{ input.text.size() }} long?' }
  const world = new World(
    workflow([
      { id: 'a', uses: 'h' },
      { id: 'q', ask },
    ]),
    { input: { text } },
  )
  world.reload()
  expect(world.complete('a').at(-1)).toMatchObject({ type: 'task.asked', title: `Is it ${inlineBytesMax} long?` })
})

test('a question that an operator has asked again is still asked by whoever takes the run over', () => {
  const timed: Step = { id: 'q', ask: { title: 'Seen?' }, timeout: '1h', onFailure: 'block' }
  const world = new World(workflow([timed]))
  world.pass(3_600_000)
  world.send('segno.retry')
  world.crash()
  expect(world.questions()).toMatchObject([{ path: 'q~2' }])
})
