import { describe, expect, test } from 'vitest'
import { loadDefinition } from '../load.ts'

const head = { segno: 1, name: 'test', agents: { writer: { provider: 'p' } }, artifacts: { design: { path: 'a.md' } } }

/** What is said for a host with these handlers; for none in particular without them. */
function told(definition: object, ...hosts: readonly (readonly string[])[]): string[] {
  const options = hosts.length === 0 ? {} : { handlers: hosts.flat() }
  const { diagnostics } = loadDefinition({ ...head, ...definition }, options)
  return diagnostics.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`)
}

const host = ['h', 'exec', 'run']
const step = (more: object): object => ({ steps: [{ id: 'a', ...more }] })
const set = step({ set: {} })

describe('what no engine does yet is an error where an engine is to run it:', () => {
  test.for<[string, object, string]>([
    ['agent', step({ agent: 'writer', prompt: 'Write' }), '/steps/0/agent'],
    ['check', step({ uses: 'h', check: { pass: 'true' } }), '/steps/0/check'],
    ['queue', step({ uses: 'h', queue: { concurrency: 1 } }), '/steps/0/queue'],
    ['budget', step({ do: [], budget: { tokens: 1 } }), '/steps/0/budget'],
    ['produces', step({ uses: 'h', produces: { design: {} } }), '/steps/0/produces'],
    ['consumes', step({ uses: 'h', consumes: ['design'] }), '/steps/0/consumes'],
    ['workspace.mode: copy', step({ do: [], workspace: { mode: 'copy' } }), '/steps/0/workspace/mode'],
    ['workspace.mode: worktree', step({ exec: ['x'], workspace: { mode: 'worktree' } }), '/steps/0/workspace/mode'],
    ['queue', step({ do: [{ id: 'b', uses: 'h', queue: {} }] }), '/steps/0/do/0/queue'],
    ['queue', step({ uses: 'h', undo: { uses: 'h', queue: {} } }), '/steps/0/undo/queue'],
    ['limits.tokens', { ...set, limits: { tokens: 1 } }, '/limits/tokens'],
    ['limits.cost', { ...set, limits: { cost: '8 USD' } }, '/limits/cost'],
    ['limits.onExceeded', { ...set, limits: { onExceeded: 'fail' } }, '/limits/onExceeded'],
    ['concurrency', { ...set, concurrency: { limit: 1 } }, '/concurrency'],
  ])('%s', ([what, definition, pointer]) => {
    expect(told(definition, host)).toEqual([`NOT_SUPPORTED ${pointer}: this engine does not support "${what}" yet`])
    expect(told(definition)).toEqual([])
  })

  test('but not what is only declared, or says what holds anyway', () => {
    const schedule = [{ cron: '0 6 * * *' }]
    expect(told({ ...set, on: { schedule }, limits: { steps: 1, duration: '1h' } }, host)).toEqual([])
    expect(told(step({ exec: ['x'], workspace: { mode: 'inherit', cwd: 'a' } }), host)).toEqual([])
  })
})

describe('an engine that lacks what performs a verb is told so', () => {
  const request = step({ http: { url: 'https://example.com' } })
  const watch = step({ watch: { glob: '*.json' }, timeout: '1h' })

  test('where it sends no requests, or watches no files', () => {
    expect(told(request, host)).toEqual(['UNKNOWN_HANDLER /steps/0/http: this engine sends no requests'])
    expect(told(watch, host)).toEqual(['UNKNOWN_HANDLER /steps/0/watch: this engine watches no files'])
  })

  test('and not where it does, or where it is not known', () => {
    expect([...told(request, ['http']), ...told(watch, ['watch'])]).toEqual([])
    expect([...told(request), ...told(watch)]).toEqual([])
  })

  test('with what to give it', () => {
    const steps = [
      { id: 'a', http: { url: 'https://example.com' } },
      { id: 'b', watch: { glob: '*' }, timeout: '1h' },
      { id: 'c', uses: 'htpp' },
    ]
    const { diagnostics } = loadDefinition({ ...head, steps }, { handlers: [] })
    expect(diagnostics.map(({ hint }) => hint)).toEqual([
      'give it an "http"',
      'give it "files" that can glob',
      'no handler is registered',
    ])
  })
})
