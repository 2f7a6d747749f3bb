import { describe, expect, test } from 'vitest'
import { loadDefinition, loadWorkflow } from '../load.ts'

const key = '${{ secrets.API_KEY }}'

/** Codes and places of a workflow with these steps and these secrets. */
function told(steps: readonly object[], secrets: readonly string[] = ['API_KEY'], more: object = {}): string[] {
  const { diagnostics } = loadDefinition({ segno: 1, name: 'test', secrets, steps, ...more })
  return diagnostics.map(({ code, pointer }) => `${code} ${pointer}`)
}

describe('a secret', () => {
  test('is given to a handler as a text of its own, however deep', () => {
    expect(told([{ id: 'a', uses: 'h', with: { auth: [{ token: key }] } }])).toEqual([])
    expect(told([{ id: 'a', uses: 'h', with: key }])).toEqual([])
  })

  test('is given to a process by a variable, with text and other secrets beside it', () => {
    const env = { A: key, B: `Bearer ${key}`, C: `${key}:\${{ secrets.USER }}` }
    expect(told([{ id: 'a', exec: ['x'], env }], ['API_KEY', 'USER'])).toEqual([])
    expect(told([{ id: 'a', env, do: [{ id: 'b', run: 'x' }] }], ['API_KEY', 'USER'])).toEqual([])
  })

  test('is given to a server by a header, with text and other secrets beside it', () => {
    const headers = { authorization: `Bearer ${key}`, other: `${key}:\${{ secrets.USER }}` }
    expect(told([{ id: 'a', http: { url: 'https://a', headers } }], ['API_KEY', 'USER'])).toEqual([])
  })

  test('is told where it may stand, in the words of its place', () => {
    const mixed = `\${{ run.id }}${key}`
    const { diagnostics } = loadDefinition({
      ...{ segno: 1, name: 'test', secrets: ['API_KEY'] },
      steps: [
        { id: 'a', http: { url: 'https://a', headers: { a: mixed } } },
        { id: 'b', exec: ['x'], env: { A: mixed } },
        { id: 'c', set: { a: key } },
      ],
    })
    const form = '"${{ secrets.NAME }}" may have text and other secrets beside it, and nothing else'
    expect(diagnostics.map(({ message, hint }) => hint ?? message)).toEqual([
      `in "headers", ${form}`,
      `in "env", ${form}`,
      'a secret can be given to "env", to the headers of a request, or to "with" of a handler',
    ])
  })

  test('is given by name, to a step or to all in a block', () => {
    const secrets = ['API_KEY']
    expect(told([{ id: 'a', secrets, do: [] }])).toEqual([])
    expect(told([{ id: 'a', secrets, uses: 'h' }])).toEqual([])
    expect(told([{ id: 'a', secrets, exec: ['x'] }])).toEqual([])
    expect(told([{ id: 'a', secrets, run: 'x' }])).toEqual([])
  })

  const uses = { id: 'use', secrets: ['API_KEY'], uses: 'h' }

  test.for<[string, object]>([
    ['text around it in `with`', { id: 'a', uses: 'h', with: { auth: `Bearer ${key}` } }],
    ['another expression beside it', { id: 'a', exec: ['x'], env: { A: `\${{ run.id }}${key}` } }],
    ['a comparison', { id: 'a', exec: ['x'], env: { A: '${{ secrets.API_KEY == "x" }}' } }],
    ['a concatenation', { id: 'a', uses: 'h', with: '${{ "a" + secrets.API_KEY }}' }],
    ['a guard', { id: 'a', uses: 'h', with: '${{ has(secrets.API_KEY) }}' }],
    ['all secrets at once', { id: 'a', uses: 'h', with: '${{ secrets }}' }],
    ['an index', { id: 'a', uses: 'h', with: '${{ secrets["API_KEY"] }}' }],
    ['a field of it', { id: 'a', uses: 'h', with: '${{ secrets.API_KEY.x }}' }],
    ['an argument', { id: 'a', exec: ['curl', '-H', `Auth: ${key}`] }],
    ['a path', { id: 'a', exec: ['x'], output: { from: 'file', path: key } }],
    ['a value', { id: 'a', set: { x: key } }],
    ['a condition', { id: 'a', if: 'secrets.API_KEY != ""', set: {} }],
    ['an assertion', { id: 'a', assert: 'secrets.API_KEY == "x"' }],
    ['a message', { id: 'a', assert: true, message: key }],
    ['a failure', { id: 'a', fail: { code: 'X', message: key } }],
    ['a list to go over', { id: 'a', forEach: { in: [key] }, do: [] }],
    ['the output of a block', { id: 'a', do: [], output: key }],
    ['the name of a signal', { id: 'a', waitFor: { signal: key }, timeout: '1h' }],
    ['a duration', { id: 'a', sleep: key }],
    ['a URL', { id: 'a', http: { url: `https://a/${key}` } }],
    ['a query', { id: 'a', http: { url: 'https://a', query: { key } } }],
    ['a body', { id: 'a', http: { url: 'https://a', body: { key } } }],
    ['an idempotency key', { id: 'a', uses: 'h', idempotencyKey: key }],
    ['a question', { id: 'a', ask: { title: key, choices: ['a', 'b'] }, timeout: '1h' }],
    ['a pattern of files', { id: 'a', watch: { glob: key }, timeout: '1h' }],
    ['the data of a signal', { id: 'a', emit: { signal: 's', data: key } }],
    ['an instant', { id: 'a', sleepUntil: key }],
    [
      'a transition',
      { id: 'a', states: { s: { on: { go: { to: 's', if: 'secrets.API_KEY != ""' } } } }, initial: 's' },
    ],
    ['what is taken back', { id: 'a', uses: 'h', undo: { exec: ['x', key] } }],
  ])('has no place in %s', ([, step]) => {
    expect(told([uses, step]).map((line) => line.split(' ')[0])).toEqual(['SECRET_MISPLACED'])
  })

  test('has no place in the outputs of the workflow', () => {
    expect(told([uses], ['API_KEY'], { output: { x: { type: 'string', value: key } } })).toEqual([
      'SECRET_MISPLACED /output/x/value',
    ])
  })

  test('has no place in a script: it gets there by a variable', () => {
    expect(told([uses, { id: 'a', run: `curl -H ${key}` }])).toEqual(['TEMPLATE_IN_SCRIPT /steps/1/run'])
  })

  test('that is not declared is told with the name that was meant', () => {
    const text = `segno: 1
name: test
secrets: [API_KEY]
steps:
  - { id: a, exec: [x], secrets: [API_KEYS], env: { A: "\${{ secrets.APIKEY }}", B: "${key}" } }
`
    const { diagnostics } = loadWorkflow(text)
    expect(
      diagnostics.map(({ code, hint, fixes, range }) => [
        code,
        hint,
        fixes?.[0]?.edits[0]?.newText,
        range?.start.column,
      ]),
    ).toEqual([
      ['UNKNOWN_SECRET', 'did you mean "API_KEY"?', 'API_KEY', 35],
      ['UNKNOWN_SECRET', 'did you mean "API_KEY"?', 'API_KEY', 69],
    ])
  })

  test('that nothing uses is a warning', () => {
    const { diagnostics, workflow } = loadDefinition({
      segno: 1,
      name: 'test',
      secrets: ['A'],
      steps: [{ id: 'a', set: {} }],
    })
    expect(diagnostics).toMatchObject([{ code: 'UNUSED_SECRET', severity: 'warning', pointer: '/secrets/0' }])
    expect(workflow).toBeDefined()
  })

  test('is not called unused where it is read in the wrong place', () => {
    expect(told([{ id: 'a', exec: ['curl', key] }])).toEqual(['SECRET_MISPLACED /steps/0/exec/1'])
  })

  test('is not called unused where what uses it cannot be read', () => {
    expect(told([{ id: 'a', exec: ['x'], env: { 'not-a-name': key } }])).toEqual([
      'INVALID_VALUE /steps/0/env/not-a-name',
    ])
  })

  test('cannot be called what expressions read as something else', () => {
    expect(told([{ id: 'a', secrets: ['in'], uses: 'h' }], ['in'])).toEqual(['RESERVED_NAME /secrets/0'])
  })
})

describe('a secret that is written out', () => {
  const tokens = {
    github: `ghp_${'aB3'.repeat(12)}`,
    fineGrained: `github_pat_${'a1_'.repeat(10)}`,
    model: `sk-ant-${'x9'.repeat(15)}`,
    cloud: 'AKIAABCDEFGHIJKLMNOP',
    chat: 'xoxb-1234567890-abcdef',
    key: '-----BEGIN OPENSSH PRIVATE KEY-----\nabc',
  }

  test.for(Object.entries(tokens))('is a warning that does not repeat it: %s', ([, token]) => {
    for (const step of [
      { id: 'a', exec: ['x'], env: { A: token } },
      { id: 'a', uses: 'h', with: { deep: [`Bearer ${token}`] } },
      { id: 'a', exec: ['curl', `-H${token}`.replace('-H', '-H ')] },
      { id: 'a', run: `export A="${token}"` },
      { id: 'a', http: { url: 'https://a', headers: { authorization: `Bearer ${token}` } } },
      { id: 'a', http: { url: 'https://a', query: { key: [token] } } },
      { id: 'a', http: { url: 'https://a', body: { deep: { key: token } } } },
      { id: 'a', uses: 'h', undo: { uses: 'h', with: token } },
      { id: 'a', env: { A: token }, do: [] },
    ]) {
      const { diagnostics } = loadDefinition({ segno: 1, name: 'test', steps: [step] })
      expect(diagnostics).toMatchObject([{ code: 'SECRET_IN_PLAIN_TEXT', severity: 'warning' }])
      expect(JSON.stringify(diagnostics)).not.toContain(token.slice(6))
    }
  })

  test.for([
    'task-sk-',
    'sk-short',
    'ghp_',
    'risk-assessment-of-everything-here',
    'AKIA',
    '-----BEGIN PUBLIC KEY-----',
  ])('is not seen where there is none: %s', (text) => {
    expect(told([{ id: 'a', exec: ['x'], env: { A: text } }], [])).toEqual([])
  })
})
