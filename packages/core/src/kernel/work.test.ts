import { expect, test } from 'vitest'
import { noSettings, settingsWithin, workOf } from './work.ts'
import type { Work, WorkStep } from './work.ts'

/** What the innermost of these steps, each inside of the one before, asks of the world. */
function work(...verbs: readonly object[]): Work {
  const steps = verbs.map((verb) => ({ id: 'x', ...verb }) as WorkStep)
  const settings = steps.reduce((outer, step, depth) => settingsWithin(outer, step, depth), noSettings)
  return workOf(steps.at(-1) as WorkStep, settings, steps.length - 1)
}

const none = {
  major: undefined,
  effect: undefined,
  outputSchema: undefined,
  process: undefined,
  request: undefined,
  secretSlots: [],
  secrets: [],
}
const plain = { inherited: [], script: undefined, openArguments: [], cwd: undefined, capture: undefined }
const request = { isHostLiteral: true, redirectsMax: 5, bodyBytesMax: 1024 * 1024 }
const mib = 1024 * 1024

test.for<readonly [string, object, Work]>([
  ['a handler', { uses: 'mail.send' }, { ...none, handler: 'mail.send', input: {} }],
  ['a version of it', { uses: 'mail@12', with: 1 }, { ...none, handler: 'mail', major: '12', input: 1 }],
  [
    'a handler with a contract and a secret',
    {
      uses: 'h',
      with: { key: '${{ secrets.KEY }}' },
      effect: 'once',
      output: { schema: { type: 'string' } },
      secrets: ['A'],
    },
    {
      ...none,
      handler: 'h',
      input: { key: 'secret://KEY' },
      effect: 'once',
      outputSchema: { type: 'string' },
      secretSlots: [{ pointer: ['key'], parts: [{ secret: 'KEY' }] }],
      secrets: ['A'],
    },
  ],
  [
    'a watch',
    { watch: { glob: '*.csv' } },
    { ...none, handler: 'watch', effect: 'pure', input: { glob: '*.csv', minCount: 1, every: '5s' } },
  ],
  [
    'a watch that says all',
    { watch: { glob: '*.csv', minCount: 3, every: '1m' } },
    { ...none, handler: 'watch', effect: 'pure', input: { glob: '*.csv', minCount: 3, every: '1m' } },
  ],
  [
    'a signal to a run',
    { emit: { signal: 's', to: 'r' } },
    { ...none, handler: 'emit', input: { signal: 's', to: 'r' } },
  ],
  [
    'a request',
    { http: { url: 'https://example.com/a' } },
    { ...none, handler: 'http', input: { url: 'https://example.com/a' }, request },
  ],
  [
    'a request that says all',
    {
      http: { url: '${{ input.url }}', headers: { key: '${{ secrets.KEY }}' }, redirects: 2, maxSize: '64KiB' },
      effect: 'idempotent',
      output: { schema: { type: 'object' } },
      secrets: ['A'],
    },
    {
      ...none,
      handler: 'http',
      input: { url: '${{ input.url }}', headers: { key: 'secret://KEY' } },
      effect: 'idempotent',
      outputSchema: { type: 'object' },
      request: { isHostLiteral: false, redirectsMax: 2, bodyBytesMax: 65_536 },
      secretSlots: [{ pointer: ['headers', 'key'], parts: [{ secret: 'KEY' }] }],
      secrets: ['A'],
    },
  ],
  [
    'a program',
    { exec: ['ls', '-l'] },
    { ...none, handler: 'exec', input: { argv: ['ls', '-l'] }, process: { ...plain } },
  ],
  [
    'a script',
    { run: 'ls' },
    { ...none, handler: 'run', input: {}, process: { ...plain, script: { text: 'ls', shell: 'sh' } } },
  ],
  [
    'a script that says all',
    {
      run: 'print()',
      shell: 'python',
      env: { N: 1 },
      secrets: ['A'],
      effect: 'pure',
      workspace: { cwd: 'src' },
      output: { from: 'file', path: 'out.json', schema: { type: 'object' }, maxSize: 2048 },
    },
    {
      ...none,
      handler: 'run',
      input: { env: { A: 'secret://A', N: 1 }, path: 'out.json' },
      effect: 'pure',
      outputSchema: { type: 'object' },
      process: {
        ...plain,
        script: { text: 'print()', shell: 'python' },
        cwd: 'src',
        capture: { from: 'file', schema: { type: 'object' }, maxBytes: 2048 },
      },
      secretSlots: [{ pointer: ['env', 'A'], parts: [{ secret: 'A' }] }],
      secrets: ['A'],
    },
  ],
])('%s is asked for with all that it says, and nothing else', ([, verb, expected]) => {
  expect(work(verb)).toStrictEqual(expected)
})

test('an output of a process is kept up to its size, 1 MiB unless given', () => {
  const captureOf = (output: object): unknown => work({ exec: ['ls'], output }).process?.capture
  expect(captureOf({ from: 'lines' })).toStrictEqual({ from: 'lines', maxBytes: mib })
  expect(captureOf({ from: 'stdout', maxSize: '2MiB' })).toStrictEqual({ from: 'stdout', maxBytes: 2 * mib })
})

test.for<readonly [string, readonly unknown[], readonly number[]]>([
  ['that begins with data', ['rm', '${{ input.a }}', 'b', '${{ input.c }}.txt'], [1, 3]],
  ['but the program itself', ['${{ input.program }}', 1, true], []],
  ['before `--`', ['git', '${{ input.a }}', '--', '${{ input.b }}'], [1]],
  ['unless all follow `--`', ['--', '${{ input.a }}'], []],
  ['and no other', ['rm', 'a${{ input.a }}', '--b=${{ input.b }}'], []],
])('an argument %s must not become an option', ([, exec, expected]) => {
  expect(work({ exec }).process?.openArguments).toEqual(expected)
})

test('variables come from all blocks around a process, and the nearest wins', () => {
  const { input, process } = work(
    { do: [], env: { A: 'outer', B: '${{ input.b }}', C: 'outer' } },
    { do: [] },
    { do: [], env: { B: 'inner' } },
    { exec: ['env'], env: { C: 'own' } },
  )
  expect(input).toEqual({ argv: ['env'], env: { C: 'own' } })
  expect(process?.inherited).toEqual([
    { up: 3, env: { A: 'outer' } },
    { up: 1, env: { B: 'inner' } },
  ])
})

test('a process without variables of its own still has those around it', () => {
  const { input, process } = work({ do: [], env: { A: 'a' } }, { exec: ['env'] })
  expect(input).toEqual({ argv: ['env'] })
  expect(process?.inherited).toEqual([{ up: 1, env: { A: 'a' } }])
})

test('a listed secret is a variable of its name, unless `env` says what that is', () => {
  const block = { do: [], secrets: ['A', 'B', 'C'], env: { A: 'plain', D: '${{ secrets.E }}' } }
  const { input, process, secretSlots, secrets } = work(block, {
    exec: ['env'],
    env: { B: 'own' },
    secrets: ['C', 'F'],
  })
  expect(secrets).toEqual(['A', 'B', 'C', 'F'])
  expect(input).toEqual({ argv: ['env'], env: { B: 'own', C: 'secret://C', F: 'secret://F' } })
  expect(process?.inherited).toEqual([{ up: 1, env: { A: 'plain', D: 'secret://E' } }])
  expect(secretSlots).toEqual([
    { pointer: ['env', 'D'], parts: [{ secret: 'E' }] },
    { pointer: ['env', 'C'], parts: [{ secret: 'C' }] },
    { pointer: ['env', 'F'], parts: [{ secret: 'F' }] },
  ])
})

test('the nearest folder is where a process runs', () => {
  const outer = { do: [], workspace: { cwd: 'a' } }
  expect(work(outer, { exec: ['ls'] }).process?.cwd).toBe('a')
  expect(work(outer, { exec: ['ls'], workspace: { mode: 'inherit' } }).process?.cwd).toBe('a')
  expect(work(outer, { exec: ['ls'], workspace: { cwd: 'b' } }).process?.cwd).toBe('b')
})
