import { describe, expect, test } from 'vitest'
import { loadWorkflow } from '../load.ts'

/** What is said of a text with these lines. */
function told(...lines: readonly string[]): string[] {
  const text = `segno: 1\nname: test\n${lines.map((line) => `${line}\n`).join('')}`
  return loadWorkflow(text).diagnostics.map(({ code, hint, fixes }) => {
    const fix = fixes?.[0] === undefined ? '' : ` (fix: ${fixes[0].edits[0]?.newText})`
    return `${code}: ${hint}${fix}`
  })
}

const step = (keys: string): string[] => told(`steps: [{ id: a, ${keys} }]`)

describe('a key of another tool is told with what it is called here:', () => {
  test.for<[string, string]>([
    ['run: ls, workdir: src', 'write workspace: { cwd: src }'],
    ['run: ls, working-directory: src', 'write workspace: { cwd: src }'],
    ['exec: [ls], cwd: 5', 'write workspace: { cwd: … }'],
    ['exec: [ls], shell: bash', '"exec" starts a program without a shell; a script goes under "run"'],
    ['uses: h, depends_on: [b]', 'inside "parallel", write "needs"; other steps run one after the other anyway'],
    ['uses: h, dependsOn: b', 'inside "parallel", write "needs"; other steps run one after the other anyway'],
    ['run: ls, script: pwd', 'the script itself goes under "run"'],
    ['exec: [ls], script: pwd', 'make it a step of its own, with "run"'],
    ['exec: [ls], command: pwd', 'the program and its arguments go under "exec"'],
    ['uses: h, command: pwd', 'make it a step of its own, with "exec"'],
    ['uses: h, timeout-minutes: 5', 'write timeout: 5m'],
    ['uses: h, timeout_seconds: "5"', 'write timeout: …s'],
    ['uses: h, retries: 3', 'write retry: { max: 3 }'],
    ['uses: h, continue-on-error: true', 'write onFailure: continue'],
    ['uses: h, on: failure', 'the workflow has an "on", steps have none: "waitFor" waits for a signal'],
    ['uses: h, matrix: {}', 'repeat steps with forEach: { in: … } and "do"'],
    ['uses: h, args: [1], with: 1', 'did you mean "with"?'],
  ])('%s', ([keys, hint]) => {
    expect(step(keys)).toEqual([`UNKNOWN_KEY: ${hint}`])
  })

  test.for<[string, string]>([
    ['uses: h, when: 1 < 2', 'did you mean "if"? (fix: if)'],
    ['uses: h, args: { a: 1 }', 'did you mean "with"? (fix: with)'],
    ['run: ls, environment: { A: b }', 'did you mean "env"? (fix: env)'],
    ['run: ls, name: List', 'did you mean "title"? (fix: title)'],
  ])('%s, with an edit that mends it', ([keys, hint]) => {
    expect(step(keys)).toEqual([`UNKNOWN_KEY: ${hint}`])
  })

  test('a name in the place of an id, so that other steps are read by it', () => {
    const reader = '{ id: b, set: { x: "${{ steps.build.status }}" } }'
    expect(told(`steps: [{ name: build, set: {} }, ${reader}]`)).toEqual(['UNKNOWN_KEY: did you mean "id"? (fix: id)'])
    expect(told('steps: [{ name: Build it, set: {} }]')).toEqual([
      'MISSING_KEY: undefined',
      'UNKNOWN_KEY: did you mean "title"? (fix: title)',
    ])
  })

  test('those of the workflow', () => {
    expect(
      told('jobs: {}', 'cron: 0 0 * * *', 'params: { a: { type: string } }', 'steps: [{ id: a, set: {} }]'),
    ).toEqual([
      'UNKNOWN_KEY: a workflow has one list, "steps"; "parallel" runs some of them together',
      'UNKNOWN_KEY: write on: { schedule: [{ cron: … }] }',
      'UNKNOWN_KEY: did you mean "input"? (fix: input)',
    ])
  })

  test('but where nothing like it is known, nothing is said', () => {
    expect(step('set: {}, workdir: src')).toEqual(['UNKNOWN_KEY: undefined'])
    expect(step('set: {}, retries: 3')).toEqual(['UNKNOWN_KEY: undefined'])
  })
})

describe('a verb of another tool is told with its name here:', () => {
  test.for<[string, string]>([
    ['script: ls', 'did you mean "run"? (fix: run)'],
    ['command: ls -l', 'did you mean "run"? (fix: run)'],
    ['command: [ls, -l]', 'did you mean "exec"? (fix: exec)'],
    ['steps: []', 'did you mean "do"? (fix: do)'],
    ['delay: 5m', 'did you mean "sleep"? (fix: sleep)'],
    ['loop: 5', 'did you mean "repeat"?'],
    ['workflow: other', 'did you mean "call"?'],
    ['wait: 5', '"sleep" waits for a while, "waitFor" for a signal, "watch" for files'],
    ['prompt: Write', 'add "agent": the name of the agent that is asked'],
    ['prompt: Write, agnet: writer', 'did you mean "agent"? (fix: agent)'],
  ])('%s', ([keys, hint]) => {
    const [first] = step(keys)
    expect(first).toBe(`NO_VERB: ${hint}`)
  })

  test.for(['session: {}', 'wait: true', 'detached: true', 'initial: a', 'idempotencyKey: k', 'budget: {}'])(
    'a modifier alone is none: %s',
    (keys) => {
      expect(step(keys)[0]).toMatch(/^NO_VERB: (?!did you mean)/)
    },
  )
})
