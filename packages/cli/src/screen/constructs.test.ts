import type { Definition } from '@segno/schema'
import { describe, expect, test } from 'vitest'
import { advance } from '../progress/advance.ts'
import { eventsOf, playedTo, type Play } from '../progress/played.fixture.ts'
import { newProgress, type Progress } from '../progress/progress.ts'
import { ciLog } from './ci.ts'
import { epilogue } from './epilogue.ts'
import { plainLog, type PlainLog } from './plain.ts'
import { look } from './terminal.ts'
import { view } from './view.ts'

const inner: Definition = {
  ...{ segno: 1, name: 'ship' },
  steps: [
    { id: 'pack', uses: 'h', undo: { uses: 'h' } },
    { id: 'label', uses: 'h' },
  ],
}

const order: Definition = {
  ...{ segno: 1, name: 'order', imports: { ship: inner } },
  steps: [
    { id: 'pay', uses: 'h', undo: { uses: 'h', retry: { max: 1, jitter: false } } },
    {
      id: 'doc',
      initial: 'draft',
      states: {
        draft: { do: [{ id: 'write', uses: 'h' }], on: { submit: { to: 'review' }, drop: { to: 'gone' } } },
        review: { on: { approve: { to: 'gone' } }, after: { '1d': { to: 'draft' } } },
        gone: {},
      },
    },
    { id: 'sure', ask: { title: 'Send it?', choices: ['yes', 'no'] }, timeout: '2d' },
    { id: 'ship', call: 'ship' },
    { id: 'audit', start: 'ship' },
    { id: 'last', http: { url: 'https://api.test/done' } },
  ],
}

const play: Play = {
  definition: order,
  handlers: { h: {} },
  script: {
    ...{ pay: [{ after: '1s' }], 'doc[0]/write': [{}], 'doc[2]/write': [{ after: '2s' }] },
    ...{ 'ship/pack': [{}], 'ship/label': [{}], 'audit/pack': [{}], 'audit/label': [{}] },
    last: [{ failure: { code: 'HTTP_STATUS', message: 'the server answers 500', retryable: false } }],
    'ship/pack.undo': [{}],
    'pay.undo': [
      { failure: { code: 'GONE' } },
      { failure: { code: 'GONE', message: 'no such payment', retryable: false } },
    ],
  },
  signals: [
    { at: '10s', id: 's1', name: 'submit' },
    { at: '2d', id: 's2', name: 'drop' },
  ],
  answers: [{ at: '3d', id: 'a', path: 'sure', choice: 'yes', by: 'Ada' }],
}

const plain = look({ unicode: true, color: false })
const epoch = Date.UTC(2026, 0, 1)

function tree(progress: Progress, at: number): string {
  const lines = view(progress, { ...plain, cols: 90, rows: 40, now: epoch + at, title: 'order.segno.yaml' })
  return `\n${lines.join('\n')}`.replace(/sub_\w{32}/g, 'sub_1')
}

function printed(log: PlainLog): string {
  const progress = newProgress(order)
  const lines = eventsOf(play).flatMap((event) => {
    advance(progress, event)
    return log.event(event, progress)
  })
  return `\n${lines.join('\n')}`.replace(/\d\d:\d\d:\d\d\.\d{3}/g, 'hh:mm:ss').replace(/sub_\w{32}/g, 'sub_1')
}

describe('the live tree', () => {
  test('shows the state in which a machine rests, what for and until when', () => {
    expect(tree(playedTo(play, 'timer.set', 'doc'), 20_000)).toMatchInlineSnapshot(`
      "
      order.segno.yaml  run
      ├─ ✓ pay                                                                             1.0s
      ├─ ◷ doc  review                                                                    19.0s
      │  ├─ ✓ doc[0]: draft                                                                9.0s
      │  └─ ◷ doc[1]: review  on submit · waits for approve · goes on in 24h00m           10.0s
      ├─ ○ sure
      ├─ ○ ship
      ├─ ○ audit
      └─ ○ last
      █████░░░░░░░░░░░░░░░ 2/7  ✓ 2  ◷ 1  ○ 4  20.0s"
    `)
  })

  test('folds a machine that is over, and shows a question', () => {
    expect(tree(playedTo(play, 'task.asked'), 2 * 86_400_000 + 1000)).toMatchInlineSnapshot(`
      "
      order.segno.yaml  run
      ├─ ✓ pay                                                                             1.0s
      ├─ ✓ doc  gone                                                                     48h00m
      ├─ ◷ sure  Send it? · waits for an answer · times out in 48h00m                      1.0s
      ├─ ○ ship
      ├─ ○ audit
      └─ ○ last
      ██████████░░░░░░░░░░ 4/8  ✓ 4  ◷ 1  ○ 3  48h00m"
    `)
  })

  test('shows what is taken back, and which of it is blocked', () => {
    expect(tree(playedTo(play), 3 * 86_400_000 + 9000)).toMatchInlineSnapshot(`
      "
      order.segno.yaml  run
      ├─ ✓ pay                                                                             1.0s
      ├─ ✓ doc  gone                                                                     48h00m
      ├─ ✓ sure  yes by Ada                                                              24h00m
      ├─ ✓ ship                                                                             0ms
      │  ├─ ✓ pack                                                                          0ms
      │  └─ ✓ label                                                                         0ms
      ├─ ✓ audit  run sub_1 completed                        0ms
      ├─ ✗ last  GET https://api.test/done · HTTP_STATUS: the server answers 500            0ms
      ├─ ✓ ship/pack.undo                                                                   0ms
      └─ ■ pay.undo  attempt 2/2 · GONE: no such payment                                   9.0s
      ██████████████████░░ 11/12  ✓ 10  ■ 1  ✗ 1  72h00m"
    `)
  })
})

const log = plainLog(plain, { lists: newProgress(order).lists, head: () => 'order' })

test('an append-only log tells all of it', () => {
  expect(printed(log)).toMatchInlineSnapshot(`
    "
    order
    hh:mm:ss  pay             started
    hh:mm:ss  pay             ok         1.0s
    hh:mm:ss  doc             started
    hh:mm:ss  doc[0]          entered    draft
    hh:mm:ss  doc[0]/write    started
    hh:mm:ss  doc[0]/write    ok         0ms
    hh:mm:ss  doc[0]          waiting    in draft, for submit, drop
    hh:mm:ss  run             signal     submit
    hh:mm:ss  doc[1]          entered    review  on submit
    hh:mm:ss  doc[1]          waiting    in review, for approve
    hh:mm:ss  doc             waiting    goes on in 24h00m
    hh:mm:ss  doc[2]          entered    draft  after a time
    hh:mm:ss  doc[2]/write    started
    hh:mm:ss  doc[2]/write    ok         2.0s
    hh:mm:ss  doc[2]          waiting    in draft, for submit, drop
    hh:mm:ss  run             signal     drop
    hh:mm:ss  doc[3]          entered    gone  on drop
    hh:mm:ss  doc             ok         48h00m
    hh:mm:ss  sure            waiting    for an answer: Send it?  one of yes, no  at most 48h00m
    hh:mm:ss  sure            answered   yes by Ada
    hh:mm:ss  sure            ok         24h00m
    hh:mm:ss  ship            started
    hh:mm:ss  ship/pack       started
    hh:mm:ss  ship/pack       ok         0ms
    hh:mm:ss  ship/label      started
    hh:mm:ss  ship/label      ok         0ms
    hh:mm:ss  ship            ok         0ms
    hh:mm:ss  audit           started    run sub_1
    hh:mm:ss  audit           ok         0ms
    hh:mm:ss  last            started    GET https://api.test/done
    hh:mm:ss  last            failed     0ms  HTTP_STATUS: the server answers 500
    hh:mm:ss  run             undo       what completed is taken back, newest first
    hh:mm:ss  ship/pack.undo  started
    hh:mm:ss  ship/pack.undo  ok         0ms
    hh:mm:ss  pay.undo        started
    hh:mm:ss  pay.undo        failed     attempt 1/2  GONE: GONE  retry in 1.0s
    hh:mm:ss  pay.undo        started    attempt 2/2
    hh:mm:ss  pay.undo        blocked    GONE: no such payment"
  `)
})

test('that of GitHub groups what is taken back by the step', () => {
  const grouped = printed(ciLog(log, { title: 'order.segno.yaml', source: undefined, glyphs: plain.glyphs }))
  expect(grouped.slice(grouped.indexOf('::error'))).toMatchInlineSnapshot(`
    "::error file=order.segno.yaml,title=last%3A HTTP_STATUS::the server answers 500
    ::group::✗ last 0ms
    hh:mm:ss  last            started    GET https://api.test/done
    hh:mm:ss  last            failed     0ms  HTTP_STATUS: the server answers 500
    ::endgroup::
    hh:mm:ss  run             undo       what completed is taken back, newest first
    ::group::✓ ship/pack.undo 0ms
    hh:mm:ss  ship/pack.undo  started
    hh:mm:ss  ship/pack.undo  ok         0ms
    ::endgroup::"
  `)
})

describe('the last words', () => {
  const options = { ...plain, color: false, volatile: false, now: epoch + 3 * 86_400_000, next: [] }

  test('say what a run waits for, and what the runs wait for that it has started', () => {
    const waits: Play = {
      definition: { ...order, steps: order.steps.slice(1, 2) },
      handlers: { h: {} },
      script: { 'doc[0]/write': [{}] },
    }
    const starts: Play = {
      definition: { ...order, imports: { ship: waits.definition }, steps: [{ id: 'audit', start: 'ship' }] },
      handlers: { h: {} },
      script: { 'audit/doc[0]/write': [{}] },
    }
    const open = [{ ...playedTo(waits), runId: 'sub_1' }]
    const lines = epilogue(playedTo(starts), { ...options, ending: 'waiting', open })
    expect(`${lines.join('\n')}`.replace(/sub_\w{32}/g, 'sub_1')).toMatchInlineSnapshot(`
      "
      ◷ run is waiting after 72h00m — 1 waiting

        audit  waiting  for run sub_1

        sub_1  order
          doc  waiting  in draft, for submit, drop"
    `)
  })

  test('name the step that could not be taken back', () => {
    const lines = epilogue(playedTo(play), { ...options, ending: 'blocked' })
    expect(lines.join('\n')).toMatchInlineSnapshot(`
      "
      ■ run is blocked after 72h00m — 1 failed, 1 blocked, 10 completed

        last  failed  HTTP_STATUS: the server answers 500; what completed is taken back
        pay.undo  GONE after 2 attempts
        no such payment"
    `)
  })
})
