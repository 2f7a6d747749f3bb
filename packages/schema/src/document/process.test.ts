import { describe, expect, test } from 'vitest'
import { leadingVerbs } from '../definition.ts'
import { loadDefinition, loadWorkflow } from '../load.ts'
import { parseDefinition } from '../parse/plain.ts'

/** What is wrong with the shape of one step. */
function told(step: object, more: object = {}): string[] {
  const { diagnostics } = parseDefinition({ segno: 1, name: 'test', steps: [{ id: 'a', ...step }], ...more })
  return diagnostics.map(({ pointer, message }) => `${pointer.replace('/steps/0', '')}: ${message}`)
}

describe('the list of an exec step', () => {
  test.for([[['npm', 'test']], [['sleep', 5, true]], [['x', '']]])('may be %j', ([exec]) => {
    expect(told({ exec })).toEqual([])
  })

  test.for<[unknown, string]>([
    [[], '/exec: expected the name of a program, got nothing'],
    [[5], '/exec/0: expected the name of a program, got 5'],
    [[''], '/exec/0: expected the name of a program, got ""'],
    [['x', null], '/exec/1: expected text, a number, true or false, got null'],
    [['x', ['y']], '/exec/1: expected text, a number, true or false, got a list'],
  ])('cannot be %j', ([exec, message]) => {
    expect(told({ exec })).toEqual([message])
  })

  test.for([
    ['npm test', '["npm", "test"]'],
    ['git log --format=%H -5', '["git", "log", "--format=%H", "-5"]'],
  ] as const)('is not the text %j; the list that was meant is known', ([exec, list]) => {
    const { diagnostics } = loadWorkflow(`segno: 1\nname: test\nsteps:\n  - { id: a, exec: "${exec}" }\n`)
    expect(diagnostics).toMatchObject([
      {
        code: 'INVALID_VALUE',
        hint: `write exec: ${list}, or use "run" for a script`,
        fixes: [{ edits: [{ newText: exec.startsWith('npm') ? '[npm, test]' : '[git, log, "--format=%H", "-5"]' }] }],
      },
    ])
  })

  test.for(['echo "a b" | wc', 'ls *.ts', 'echo $HOME', ''])(
    'is not the text %j, which only a shell could read',
    (exec) => {
      const { diagnostics } = parseDefinition({ segno: 1, name: 'test', steps: [{ id: 'a', exec }] })
      expect(diagnostics).toMatchObject([
        { code: 'INVALID_VALUE', hint: 'write each argument as an item of a list, or use "run" for a script' },
      ])
    },
  )
})

describe('a run step', () => {
  test('has a script, and one of the known shells', () => {
    expect(told({ run: 'ls' })).toEqual([])
    expect(told({ run: 'ls', shell: 'python' })).toEqual([])
    expect(told({ run: ' \n' })).toEqual(['/run: expected a script, got " \\n"'])
    expect(told({ run: ['ls'] })).toEqual(['/run: expected text, got a list'])
    expect(told({ run: 'ls', shell: 'zsh' })).toEqual(['/shell: expected sh, bash, python, node, got "zsh"'])
  })

  test('alone has a shell', () => {
    expect(told({ exec: ['ls'], shell: 'sh' })).toEqual(['/shell: unknown key "shell"'])
  })
})

describe('the variables of a process', () => {
  test('have names that every system takes, and plain values', () => {
    expect(told({ run: 'x', env: { A: 'a', _b1: 5, C: true } })).toEqual([])
    expect(told({ run: 'x', env: { 'a-b': 'x', '1a': 'x', '': 'x', B: null, C: ['x'] } })).toEqual([
      '/env/a-b: expected the name of a variable such as API_URL (letters, digits and _), got "a-b"',
      '/env/1a: expected the name of a variable such as API_URL (letters, digits and _), got "1a"',
      '/env/: expected the name of a variable such as API_URL (letters, digits and _), got ""',
      '/env/B: expected text, a number, true or false, got null',
      '/env/C: expected text, a number, true or false, got a list',
    ])
  })

  test.for([
    ['exec', { exec: ['x'] }],
    ['run', { run: 'x' }],
    ['do', { do: [] }],
    ['if', { if: true, do: [] }],
    ['match', { match: true, cases: {} }],
    ['parallel', { parallel: [] }],
    ['forEach', { forEach: { in: [] }, do: [] }],
    ['repeat', { repeat: { max: 1, until: true }, do: [] }],
    ['try', { try: [] }],
    ['states', { states: { only: {} }, initial: 'only' }],
    ['agent', { agent: 'writer', prompt: 'Write' }],
  ] as const)('and its folder stand on %s', ([, step]) => {
    expect(told({ ...step, env: { A: 'a' }, workspace: { cwd: 'a' } })).toEqual([])
  })

  test.for([
    ['uses', { uses: 'h' }],
    ['set', { set: {} }],
    ['sleep', { sleep: '1s' }],
    ['waitFor', { waitFor: { signal: 's' } }],
    ['return', { return: {} }],
    ['http', { http: { url: 'https://example.com' } }],
    ['call', { call: 'child' }],
    ['ask', { ask: { title: 'Fine?', choices: ['yes', 'no'] } }],
  ] as const)('and its folder do not stand on %s', ([, step]) => {
    expect(told({ ...step, env: { A: 'a' }, workspace: { cwd: 'a' } })).toEqual([
      '/env: unknown key "env"',
      '/workspace: unknown key "workspace"',
    ])
  })
})

describe('the folder of a process', () => {
  test.for(['.', 'packages/app', './a', 'a b', '...'])('may be %j', (cwd) => {
    expect(told({ run: 'x', workspace: { cwd } })).toEqual([])
  })

  test.for(['', '/etc', '..', 'a/../b', '../a', 'C:\\a', 'c:/a', 'a\\b', 'a\0b', '${{ input.x }}', '\\\\server'])(
    'cannot be %j',
    (cwd) => {
      expect(told({ run: 'x', workspace: { cwd } })).toHaveLength(1)
    },
  )

  test('and how the workspace is shared are all that it says', () => {
    expect(told({ run: 'x', workspace: 'inherit' })).toEqual(['/workspace: expected a map, got "inherit"'])
    expect(told({ run: 'x', workspace: {} })).toEqual([])
    expect(told({ run: 'x', workspace: { mode: 'worktree', cwd: 'a' } })).toEqual([])
    expect(told({ run: 'x', workspace: { mode: 'clone' } })).toEqual([
      '/workspace/mode: expected inherit, copy or worktree, got "clone"',
    ])
    expect(told({ run: 'x', workspace: { cwd: 'a', cdw: 'b' } })).toEqual(['/workspace/cdw: unknown key "cdw"'])
  })
})

describe('the output of a process', () => {
  const capture = (output: unknown): string[] => told({ exec: ['x'], output })

  test.for<object>([
    { from: 'stdout' },
    { from: 'lines', maxSize: '64KiB' },
    { from: 'json', schema: { type: 'object' }, maxSize: 8 * 1024 * 1024 },
    { from: 'file', path: 'out/${{ run.id }}.txt' },
    { from: 'files', path: 'out/**/*.json', maxSize: 1 },
  ])('may be %j', (output) => {
    expect(capture(output)).toEqual([])
  })

  test.for<[unknown, string]>([
    ['stdout', '/output: expected a map, got "stdout"'],
    [{}, '/output: the key "from" is missing'],
    [{ from: 'stderr' }, '/output/from: expected stdout, lines, json, file, files, got "stderr"'],
    [{ from: 'file' }, '/output: the key "path" is missing'],
    [{ from: 'stdout', path: 'a' }, '/output/path: "path" has a meaning with "from: file" and "files" only'],
    [
      { from: 'file', path: '/etc/passwd' },
      '/output/path: expected a path inside of the workspace, without "..", got "/etc/passwd"',
    ],
    [
      { from: 'files', path: '../*' },
      '/output/path: expected a path inside of the workspace, without "..", got "../*"',
    ],
    [{ from: 'json', scheme: {} }, '/output/scheme: unknown key "scheme"'],
    ...[0, -1, 1.5, 8 * 1024 * 1024 + 1, '0B', '9MiB', '1GB', 'big'].map((maxSize): [unknown, string] => [
      { from: 'stdout', maxSize },
      `/output/maxSize: expected a size from 1 byte to 8 MiB such as 65536 or 64KiB, got ${JSON.stringify(maxSize)}`,
    ]),
  ])('cannot be %j', ([output, message]) => {
    expect(capture(output)).toEqual([message])
  })

  test('tells all its mistakes at once', () => {
    expect(capture({ from: 'file', maxSize: 0, scheme: {} }).map((line) => line.split(':')[0])).toEqual([
      '/output/maxSize',
      '/output/scheme',
      '/output',
    ])
  })
})

describe('the secrets of a workflow and of its steps', () => {
  test('are names, each once', () => {
    expect(told({ uses: 'h', secrets: ['A', '_b2'] }, { secrets: ['A', '_b2'] })).toEqual([])
    expect(told({ uses: 'h', secrets: ['A', 'A'] }, { secrets: ['1A', 'a b', 'X'.repeat(129), 5] })).toEqual([
      '/secrets/0: expected the name of a secret such as API_KEY (letters, digits and _; at most 128), got "1A"',
      '/secrets/1: expected the name of a secret such as API_KEY (letters, digits and _; at most 128), got "a b"',
      expect.stringContaining('/secrets/2: expected the name of a secret such as API_KEY'),
      '/secrets/3: expected the name of a secret, got 5',
      '/secrets/1: "A" is there twice',
    ])
  })

  test('are validated on every step that runs something, also on commands', () => {
    for (const step of [{ exec: ['x'] }, { run: 'x' }, { uses: 'h' }, { do: [] }]) {
      expect(told({ ...step, secrets: 'A' })).toEqual(['/secrets: expected a list of names of secrets, got "A"'])
    }
    expect(told({ set: {}, secrets: ['A'] })).toEqual(['/secrets: unknown key "secrets"'])
  })
})

test.for(['exec', 'run', 'http', 'agent', 'watch', 'emit', 'exec@1'])('no handler is called %s', (name) => {
  expect(told({ uses: name })).toEqual([`/uses: "${name}" is the name of a verb, so no handler has it`])
})

const verbs: Readonly<Record<(typeof leadingVerbs)[number] | 'do' | 'if', object>> = {
  uses: { uses: 'h' },
  exec: { exec: ['x'] },
  run: { run: 'x' },
  agent: { agent: 'writer', prompt: 'Write' },
  http: { http: { url: 'https://example.com' } },
  call: { call: 'child' },
  start: { start: 'child' },
  set: { set: {} },
  assert: { assert: true },
  sleep: { sleep: '1s' },
  sleepUntil: { sleepUntil: '2026-01-31T06:00:00Z' },
  waitFor: { waitFor: { signal: 's' }, timeout: '1h' },
  ask: { ask: { title: 'Fine?', choices: ['yes', 'no'] }, timeout: '1h' },
  watch: { watch: { glob: '*.json' }, timeout: '1h' },
  emit: { emit: { signal: 's' } },
  match: { match: true, cases: {} },
  parallel: { parallel: [] },
  forEach: { forEach: { in: [] }, do: [] },
  repeat: { repeat: { max: 1, until: true }, do: [] },
  try: { try: [] },
  states: { states: { only: {} }, initial: 'only' },
  return: { return: {} },
  fail: { fail: { code: 'X', message: '' } },
  do: { do: [] },
  if: { if: true, do: [] },
}

// What the steps name.
const around = {
  ...{ segno: 1, name: 'test' },
  imports: { child: { segno: 1, name: 'child', steps: [{ id: 'a', set: {} }] } },
  agents: { writer: { provider: 'p' } },
}

describe('a key that a step does not have is told, whatever the verb:', () => {
  const typos = ['titel', 'dependsOn', 'continue_on_error', 'capture', 'env_file', 'nodes', 'path', 'cwd']
  test.for(Object.entries(verbs).flatMap(([verb, step]) => typos.map((key) => ({ verb, key, step }))))(
    '$verb with $key',
    ({ key, step }) => {
      const { diagnostics } = loadDefinition({ ...around, steps: [{ id: 'a', ...step, [key]: 'x' }] })
      expect(diagnostics).toMatchObject([{ code: 'UNKNOWN_KEY', pointer: `/steps/0/${key}` }])
    },
  )

  test('every verb is looked at', () => {
    expect(Object.keys(verbs).toSorted()).toEqual([...leadingVerbs, 'do', 'if'].toSorted())
  })
})
