/**
 * Definitions that said something else than what was done.
 *
 * | test | what was wrong |
 * |---|---|
 * | an unknown key … | keys that no step knows were accepted, so that typing mistakes were never told |
 * | a step inside of a block … | a jump to a nested step passed the check, and then fell through without a word |
 * | a path input … | a file that was missing gave an empty prompt, and the step completed |
 * | an empty program or script … | the same: nothing was run, and that counted as done |
 * | a program that is written as one text … | it was split at its spaces and run without a shell |
 * | a script of several lines … | its lines were put together in one |
 * | what a host has … | (found beside them) a configuration made the command refuse steps that run processes |
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { segno, writeFiles } from '../../src/process.fixture.ts'
import { mistakes, openWorld } from './world.ts'

const timeout = 30_000
const schemaFile = new URL('../../../schema/json/workflow.schema.json', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'segno-definitions-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** One step of each verb, as short as it can be. */
const verbs: Readonly<Record<string, string>> = {
  uses: 'uses: work',
  exec: 'exec: [work]',
  run: 'run: work',
  agent: 'agent: writer, prompt: Write.',
  http: 'http: { url: "https://example.com" }',
  call: 'call: other',
  start: 'start: other',
  set: 'set: {}',
  assert: 'assert: input.yes',
  sleep: 'sleep: 1s',
  sleepUntil: 'sleepUntil: "2030-01-01T00:00:00Z"',
  waitFor: 'waitFor: { signal: go }, timeout: 1s',
  ask: 'ask: { title: Go on?, choices: [go, stop] }, timeout: 1s',
  watch: 'watch: { glob: "*.json" }, timeout: 1s',
  emit: 'emit: { signal: done }',
  do: 'do: []',
  if: 'if: input.yes, do: []',
  match: 'match: input.yes, cases: { "true": [], "false": [] }',
  parallel: 'parallel: []',
  forEach: 'forEach: { in: [1] }, do: []',
  repeat: 'repeat: { max: 1, until: input.yes }, do: []',
  try: 'try: []',
  states: 'states: { only: {} }, initial: only',
  return: 'return: {}',
  fail: 'fail: { code: NO, message: no }',
}

describe('an unknown key', () => {
  const other = 'imports: { other: { segno: 1, name: other, steps: [{ id: nothing, set: {} }] } }'
  const agents = 'agents: { writer: { provider: codex } }'
  const definition = (step: string): string => {
    const named = step.includes(': other') ? other : step.includes('agent:') ? agents : ''
    return `input: { yes: { type: boolean } }\n${named}\nsteps: [{ id: work, ${step} }]`
  }

  test('is tried on every verb', () => {
    const schema = JSON.parse(readFileSync(schemaFile, 'utf8')) as { readonly $defs: object }
    const steps = Object.keys(schema.$defs).filter((name) => name.endsWith('Step') && name !== 'Step')
    const names = steps.map((name) => name.charAt(0).toLowerCase() + name.slice(1, -'Step'.length))
    expect(Object.keys(verbs).toSorted()).toEqual(names.toSorted())
  })

  test.for(Object.entries(verbs))('of a step with %s is an error, with the key that was meant', ([, step]) => {
    expect(mistakes(definition(step))).toEqual([])
    expect(mistakes(definition(`${step}, titel: Work`))).toEqual([
      'UNKNOWN_KEY unknown key "titel" (did you mean "title"?)',
    ])
  })

  test.for([
    ['its retry', 'exec: [work], retry: { max: 1, dealy: 1s }'],
    ['its output', 'exec: [work], output: { form: json }'],
    ['its workspace', 'exec: [work], workspace: { cdw: a }'],
    ['its loop', 'forEach: { in: [1], concurency: 2 }, do: []'],
    ['its clause', 'try: [], catch: [{ no: [TIMEOUT], do: [] }]'],
    ['a step inside', 'do: [{ id: inner, exec: [work], tiemout: 1s }]'],
  ] as const)('of %s is an error too', ([, step]) => {
    expect(mistakes(definition(step)).filter((mistake) => mistake.startsWith('UNKNOWN_KEY'))).toHaveLength(1)
  })

  test('starts nothing, and the command exits with 3', { timeout }, async () => {
    writeFiles(folder, {
      'typo.segno.yaml': 'segno: 1\nname: typo\nsteps: [{ id: work, exec: [touch, done], retires: 2 }]\n',
    })
    const { code, stderr } = await segno('run typo.segno.yaml', { cwd: folder })

    expect(code).toBe(3)
    expect(stderr).toContain('error[UNKNOWN_KEY] unknown key "retires"')
    expect(existsSync(join(folder, 'done'))).toBe(false)
  })
})

describe('a step inside of a block', () => {
  const nested = 'steps: [{ id: block, do: [{ id: inner, set: { n: 1 } }] }, '

  test.for([
    ['a value', `${nested}{ id: after, set: { n: "\${{ steps.inner.output.n }}" } }]`],
    ['a condition', `${nested}{ id: after, if: has(steps.inner.output), set: {} }]`],
    ['an output', `output: { n: { type: number, value: "\${{ steps.inner.output.n }}" } }\n${nested}]`],
  ] as const)('cannot be read by %s outside of it', ([, definition]) => {
    expect(mistakes(definition)).toEqual([
      'STEP_OUT_OF_SCOPE "inner" is inside "block" and cannot be seen from here (give "block" an "output" and read that)',
    ])
  })

  test('cannot be needed by a step outside of it', () => {
    const found = mistakes(`
steps:
  - id: all
    parallel:
      - { id: block, do: [{ id: inner, set: {} }] }
      - { id: after, needs: [inner], set: {} }`)
    expect(found).toEqual(['UNKNOWN_STEP no step "inner" beside this one'])
  })

  test.for(['goto: inner', 'next: inner', 'on: { success: { goto: inner } }'])('cannot be jumped to by %s', (jump) => {
    expect(mistakes(`${nested}{ id: after, set: {}, ${jump} }]`)).toEqual([
      expect.stringContaining(`unknown key "${jump.split(':')[0]}"`),
    ])
  })
})

describe('a path input', { timeout }, () => {
  const definition = `
input: { prompt: { type: path, mustExist: true } }
steps: [{ id: ask, exec: [touch, asked] }]`

  test('that leads to nothing refuses the start: there is no run, and nothing is run', async () => {
    await using world = openWorld()
    await expect(world.start(definition, { prompt: 'prompts/missing.md' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('there is no file or folder "prompts/missing.md"') as string,
    })
    expect((await world.engine.list()).runs).toEqual([])
    expect(existsSync(join(world.workspace, 'asked'))).toBe(false)

    writeFileSync(join(world.workspace, 'prompt.md'), 'Hello')
    const { result } = await world.play(definition, { prompt: 'prompt.md' })
    expect(result.status).toBe('completed')
  })

  test('that leads to nothing ends the command with 2', async () => {
    writeFiles(folder, { 'prompt.segno.yaml': `segno: 1\nname: prompt\n${definition}` })
    const { code, stderr } = await segno('run prompt.segno.yaml -i prompt=missing.md', { cwd: folder })

    expect(code).toBe(2)
    expect(stderr).toContain('there is no file or folder "missing.md"')
    expect(existsSync(join(folder, 'asked'))).toBe(false)
  })
})

describe('an empty program or script', () => {
  test.for([
    ['run: ""', 'expected a script, got ""'],
    ['run: "  \\n\\t\\n"', 'expected a script, got "  \\n\\t\\n"'],
    ['run:', 'expected text, got null'],
    ['exec: []', 'expected the name of a program, got nothing'],
    ['exec: [""]', 'expected the name of a program, got ""'],
    ["exec: ['${{ input.program }}']", 'the program is written out'],
  ] as const)('is refused: %s', ([step, says]) => {
    const found = mistakes(`input: { program: { type: string } }\nsteps: [{ id: work, ${step} }]`)
    expect(found).toEqual([expect.stringContaining(says)])
  })
})

describe('a program that is written as one text', () => {
  test.for([
    ['npm test', 'write exec: ["npm", "test"], or use "run" for a script'],
    ['echo hello | wc -c', 'write each argument as an item of a list, or use "run" for a script'],
    ['cd /tmp\nls', 'write each argument as an item of a list, or use "run" for a script'],
  ] as const)('is an error, which says how to write it: %j', ([text, says]) => {
    expect(mistakes(`steps: [{ id: work, exec: ${JSON.stringify(text)} }]`)).toEqual([
      `INVALID_VALUE expected a list of arguments such as ["npm", "test"], got ${JSON.stringify(text)} (${says})`,
    ])
  })
})

describe('a script of several lines', { timeout }, () => {
  test.for(['sh', 'bash'])('runs all of them, in %s', async (shell) => {
    await using world = openWorld()
    const { result } = await world.play(`
output: { lines: { type: array, value: "\${{ steps.work.output }}" } }
steps:
  - id: work
    shell: ${shell}
    run: |
      one=1
      for n in $one 2 3; do
        echo "line $n" # and a comment
      done

      cat <<END
        as   it is
      END
      echo "the ${"'"}end${"'"}"
    output: { from: lines }`)

    expect(result).toEqual({
      status: 'completed',
      output: { lines: ['line 1', 'line 2', 'line 3', '  as   it is', "the 'end'"] },
    })
  })

  test('ends at the first that fails', async () => {
    await using world = openWorld()
    const { result } = await world.play(`
steps:
  - id: work
    run: |
      touch first
      false
      touch second`)

    expect(result).toMatchObject({ status: 'failed', failure: { details: { exitCode: 1 } } })
    expect(existsSync(join(world.workspace, 'first'))).toBe(true)
    expect(existsSync(join(world.workspace, 'second'))).toBe(false)
  })
})

describe('what a host has', { timeout }, () => {
  test('is its shell too, also where there is a configuration', async () => {
    writeFiles(folder, {
      'host/segno.config.mjs': 'export default { handlers: { echo: (_, input) => input } }',
      'host/both.segno.yaml': `
segno: 1
name: both
output: { text: { type: string, value: "\${{ steps.tell.output }}" } }
steps:
  - { id: echo, uses: echo, with: 1 }
  - { id: tell, run: echo hello, output: { from: stdout } }`,
    })
    const cwd = join(folder, 'host')
    const [checked, ran] = await Promise.all([
      segno('validate both.segno.yaml', { cwd }),
      segno('run both.segno.yaml', { cwd }),
    ])
    expect([checked.code, ran.code, ran.stdout]).toEqual([0, 0, 'text: hello\n'])
  })
})
