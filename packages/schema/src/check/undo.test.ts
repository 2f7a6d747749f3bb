import { describe, expect, test } from 'vitest'
import { loadDefinition } from '../load.ts'

/** Codes and places of a workflow with these steps, and whatever else it says. */
function told(steps: readonly object[], more: object = {}, handlers?: readonly string[]): string[] {
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps, ...more }, handlers ? { handlers } : {})
  return diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)
}

const undone = (undo: object, more: object = {}): object => ({ id: 'a', uses: 'h', ...more, undo })

describe('the step that takes back another', () => {
  test('sees what that one sees, and what it gave', () => {
    const undo = { uses: 'h', with: ['${{ steps.before.output }}', '${{ steps.a.output }}', '${{ input.x }}'] }
    const steps = [{ id: 'before', set: {} }, undone(undo)]
    expect(told(steps, { input: { x: {} } })).toEqual([])
  })

  test('sees nothing that comes later, and of a block not what is inside', () => {
    const block = {
      id: 'a',
      do: [{ id: 'inner', set: {} }],
      undo: { uses: 'h', with: ['${{ steps.a.output }}', '${{ steps.inner.output }}'] },
    }
    expect(told([block])).toEqual(['STEP_OUT_OF_SCOPE /steps/0/undo/with/1'])
    expect(told([undone({ uses: 'h', with: '${{ steps.b.output }}' }), { id: 'b', set: {} }])).toEqual([
      'STEP_OUT_OF_SCOPE /steps/0/undo/with',
    ])
  })

  test('has all its expressions read', () => {
    const undo = { http: { url: 'https://a/${{ no1 }}', body: '${{ no2 }}' } }
    expect(told([undone(undo)])).toEqual([
      'UNKNOWN_VARIABLE /steps/0/undo/http/url',
      'UNKNOWN_VARIABLE /steps/0/undo/http/body',
    ])
  })

  test('has durations that are written out: what they would read may be gone', () => {
    const retry = { max: 1, delay: '${{ input.wait }}', maxDelay: '1h' }
    const inputs = { input: { wait: { type: 'string' } } }
    expect(told([undone({ uses: 'h', timeout: '${{ input.wait }}', retry })], inputs)).toEqual([
      'INVALID_VALUE /steps/0/undo/timeout',
      'INVALID_VALUE /steps/0/undo/retry/delay',
    ])
  })

  test('cannot be read: it runs when nothing else does', () => {
    const reader = { id: 'b', set: { x: '${{ steps.back.output }}' } }
    expect(told([undone({ id: 'back', uses: 'h' }), reader])).toEqual(['UNKNOWN_STEP /steps/1/set/x'])
  })

  test('needs no id, and has one that no other step has', () => {
    expect(told([undone({ uses: 'h' }), { id: 'b', uses: 'h', undo: { uses: 'h' } }])).toEqual([])
    expect(told([undone({ id: 'A', uses: 'h' }), { id: 'b', uses: 'h', undo: { id: 'in', uses: 'h' } }])).toEqual([
      'DUPLICATE_ID /steps/0/undo/id',
      'RESERVED_NAME /steps/1/undo/id',
    ])
  })

  test('is work or a call, and has no condition of its own', () => {
    expect(told([undone({ sleep: '1s' })])).toEqual(['INVALID_VALUE /steps/0/undo'])
    expect(told([undone({ uses: 'h', if: true })])).toEqual(['UNKNOWN_KEY /steps/0/undo/if'])
    expect(told([undone({ uses: 'h', undo: { uses: 'h' } })])).toEqual(['UNKNOWN_KEY /steps/0/undo/undo'])
  })

  test('runs what the host has', () => {
    const steps = [
      undone({ uses: 'sned' }),
      { id: 'b', uses: 'h', undo: { exec: ['x'] } },
      { id: 'c', uses: 'h', undo: { http: { url: 'https://a' } } },
    ]
    expect(told(steps, {}, ['h'])).toEqual([
      'UNKNOWN_HANDLER /steps/0/undo/uses',
      'UNKNOWN_HANDLER /steps/1/undo/exec',
      'UNKNOWN_HANDLER /steps/2/undo/http',
    ])
  })

  test('is a process as any other', () => {
    expect(told([undone({ run: 'rm ${{ run.id }}' })])).toEqual(['TEMPLATE_IN_SCRIPT /steps/0/undo/run'])
    expect(told([undone({ exec: ['${{ run.id }}'], env: { A: '${{ [1] }}' } })])).toEqual([
      'PROGRAM_NOT_LITERAL /steps/0/undo/exec/0',
      'TYPE_MISMATCH /steps/0/undo/env/A',
    ])
    const schema = { type: 'path', mustExist: true }
    expect(told([undone({ exec: ['x'], output: { from: 'stdout', schema } })])).toEqual([
      'MISPLACED_PATH_RULE /steps/0/undo/output/schema/mustExist',
    ])
  })

  test('may use secrets, where they have a place', () => {
    const key = '${{ secrets.KEY }}'
    expect(told([undone({ exec: ['x'], env: { A: key } })], { secrets: ['KEY'] })).toEqual([])
    expect(told([undone({ exec: ['x'], secrets: ['KEY', 'OTHER'] })], { secrets: ['KEY'] })).toEqual([
      'UNKNOWN_SECRET /steps/0/undo/secrets/1',
    ])
    expect(told([undone({ exec: ['x', key] })], { secrets: ['KEY'] })).toEqual([
      'SECRET_MISPLACED /steps/0/undo/exec/1',
    ])
    expect(told([undone({ exec: ['x', `ghp_${'a1B2'.repeat(9)}`] })])).toEqual([
      'SECRET_IN_PLAIN_TEXT /steps/0/undo/exec/1',
    ])
  })
})

describe('a step whose effect is `once` and that can be taken back', () => {
  const once = (more: object = {}): object => undone({ uses: 'h' }, { effect: 'once', ...more })

  test('may be retried with a block around it', () => {
    expect(told([{ id: 'b', retry: { max: 1 }, do: [{ id: 'c', do: [once()] }] }])).toEqual([])
  })

  test('is not retried by itself', () => {
    expect(told([once({ retry: { max: 1 } })])).toEqual(['RETRY_ONCE /steps/0/effect'])
    expect(told([once()], { defaults: { retry: { max: 1 } } })).toEqual(['RETRY_ONCE /steps/0/effect'])
  })

  test('is taken back by one that is held to the same', () => {
    const back = (more: object): object => ({
      id: 'b',
      retry: { max: 1 },
      do: [undone({ uses: 'h', effect: 'once', ...more })],
    })
    expect(told([back({})])).toEqual([])
    expect(told([back({ retry: { max: 1 } })])).toEqual(['RETRY_ONCE /steps/0/do/0/undo/effect'])
  })
})

describe('a call that is retried', () => {
  const child = (...steps: readonly object[]): object => ({ segno: 1, name: 'child', steps })
  const once = { id: 'pay', uses: 'h', effect: 'once' }
  const retried = { id: 'c', call: 'child', retry: { max: 1 } }

  test.for<[string, object, object]>([
    ['by itself', retried, child(once)],
    ['by a block', { id: 'b', retry: { max: 1 }, do: [{ id: 'c', call: 'child' }] }, child({ id: 'd', do: [once] })],
    ['through another call', retried, { ...child({ id: 'x', call: 'more' }), imports: { more: child(once) } }],
  ])('does again what may happen once only: %s', ([, step, imported]) => {
    const { diagnostics } = loadDefinition({ segno: 1, name: 'test', imports: { child: imported }, steps: [step] })
    expect(diagnostics).toMatchObject([
      { code: 'RETRY_ONCE', message: '"child" has "pay", which may happen once only, but would be retried' },
    ])
  })

  test('may have steps that can be taken back, and runs of their own', () => {
    const imports = { child: child({ ...once, undo: { uses: 'h' } }), apart: child(once) }
    expect(told([retried, { id: 's', start: 'apart', retry: { max: 1 } }], { imports })).toEqual([])
  })
})
