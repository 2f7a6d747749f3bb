import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RunDocument, RunEvent } from '@segno/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { segno as segnoIn, writeFiles, type Ended, type Surroundings } from './process.fixture.ts'

const core = fileURLToPath(import.meta.resolve('@segno/core'))
const folder = mkdtempSync(join(tmpdir(), 'segno-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

const files: Readonly<Record<string, string>> = {
  'segno.config.mjs': `
    import { readFileSync } from 'node:fs'
    const wait = (ms, signal) => new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => { clearTimeout(timer); reject(signal.reason) })
    })
    export default {
      handlers: {
        greet: (_, { name }) => { console.log('a stray line'); return { text: 'Hello ' + name } },
        hang: (context) => wait(60_000, context.signal),
        deaf: () => new Promise(() => { setInterval(() => {}, 1000) }),
        refuse: () => { throw Object.assign(new Error('the card was declined'), { code: 'DECLINED', cause: new Error('limit') }) },
        where: (_, { path }) => process.cwd() + ' ' + readFileSync(path, 'utf8'),
        explode: () => new Promise(() => setTimeout(() => { throw new Error('outside of any promise') })),
      },
    }`,
  'hello.segno.yaml': `
segno: 1
name: hello
version: 1.0.0
input:
  name: { type: string, description: who is greeted }
  times: { type: integer, default: 1 }
output:
  greeting: { type: string, value: "\${{ steps.greet.output.text }}" }
  times: { type: integer, value: "\${{ input.times }}" }
steps:
  - { id: greet, uses: greet, with: { name: "\${{ input.name }}" } }
`,
  'refused.segno.yaml': `
segno: 1
name: refused
steps:
  - { id: before, set: {} }
  - { id: pay, uses: refuse, retry: { max: 1, delay: 1ms } }
  - { id: after, set: {} }
`,
  'wait.segno.yaml': 'segno: 1\nname: wait\nsteps: [{ id: wait, waitFor: { signal: go } }]\n',
  'blocked.segno.yaml': 'segno: 1\nname: blocked\nsteps: [{ id: pay, uses: refuse, onFailure: block }]\n',
  'hang.segno.yaml': 'segno: 1\nname: hang\nsteps: [{ id: hang, uses: hang }]\n',
  'deaf.segno.yaml': 'segno: 1\nname: deaf\nsteps: [{ id: deaf, uses: deaf }]\n',
  'explode.segno.yaml': 'segno: 1\nname: explode\nsteps: [{ id: explode, uses: explode }]\n',
  'where.segno.yaml': `
segno: 1
name: where
input: { file: { type: path, mustExist: true } }
output: { place: { type: string, value: "\${{ steps.where.output }}" } }
steps: [{ id: where, uses: where, with: { path: "\${{ input.file }}" } }]
`,
  'below/note.txt': 'found',
  'bad/not-yaml.segno.yaml': 'segno: 1\nname: "unclosed\n',
  'bad/unknown.segno.yaml': 'segno: 1\nname: unknown\nsteps: [{ id: a, uses: gret }]\n',
  'bad/plain.yaml': 'segno: 1\nname: plain\nsteps: []\n',
  'empty/readme.md': 'nothing here\n',
  'broken/segno.config.mjs': 'throw new Error("no database")\n',
  'broken/a.segno.yaml': 'segno: 1\nname: a\nsteps: [{ id: a, uses: greet }]\n',
  'stopped/segno.config.mjs': `
    import { createEngine, memoryStorage } from ${JSON.stringify(core)}
    const storage = memoryStorage()
    const operator = createEngine({ storage })
    const stop = async ({ runId, signal }) => {
      await operator.run(runId).cancel({ reason: 'no longer wanted' })
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    export default { handlers: { stop }, storage }`,
  'stopped/stop.segno.yaml': 'segno: 1\nname: stop\nsteps: [{ id: stop, uses: stop }]\n',
  'shapeless/segno.config.mjs': 'export default { handlers: { greet: 1 } }\n',
  'shapeless/a.segno.yaml': 'segno: 1\nname: a\nsteps: [{ id: a, uses: greet }]\n',
}
writeFiles(folder, files)

// Without a configuration above it.
const alone = mkdtempSync(join(tmpdir(), 'segno-alone-'))
writeFileSync(join(alone, 'a.segno.yaml'), 'segno: 1\nname: a\nsteps: [{ id: a, uses: greet }]\n')
writeFileSync(join(alone, 'wait.segno.yaml'), files['wait.segno.yaml'] ?? '')
writeFileSync(join(alone, 'pure.segno.yaml'), 'segno: 1\nname: pure\nsteps: [{ id: a, set: {} }]\n')
afterAll(() => rmSync(alone, { recursive: true }))

function segno(words: string, { cwd = folder, ...surroundings }: Partial<Surroundings> = {}): Promise<Ended> {
  return segnoIn(words, { cwd, ...surroundings })
}

describe.concurrent('segno run', { timeout: 60_000 }, () => {
  test('prints the outputs on stdout and all else on stderr', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('run hello.segno.yaml -i name=Ada')
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'greeting: Hello Ada\ntimes: 1\n' })
    expect(stderr).toMatch(/^segno \d+\.\d+\.\d+ · hello\.segno\.yaml · run_\w+ · 1 step · store \.segno\n/)
    expect(stderr).toContain('a stray line\n')
    expect(stderr).toMatch(/✓ run_\w+ completed in \S+ — 1 completed\n$/)
  })

  test('-o json prints one document that its schema describes', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('run hello.segno.yaml -i name=Ada -o json')
    const document = RunDocument.parse(JSON.parse(stdout))
    expect(code).toBe(0)
    expect(stderr).toBe('a stray line\n')
    expect(document).toMatchObject({
      ...{
        v: 1,
        workflow: 'hello',
        version: '1.0.0',
        status: 'completed',
        output: { greeting: 'Hello Ada', times: 1 },
      },
      steps: [{ path: 'greet', id: 'greet', kind: 'uses', status: 'completed', attempts: 1 }],
    })
  })

  test('-o json tells a failure with its step, and exits with 1', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('run refused.segno.yaml --json')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(RunDocument.parse(JSON.parse(stdout))).toMatchObject({
      ...{ status: 'failed', failure: { code: 'DECLINED', message: 'the card was declined' }, failedStep: 'pay' },
      steps: [{ status: 'completed' }, { status: 'failed', attempts: 2 }, { status: 'pending', attempts: 0 }],
    })
  })

  test('ends a failure with where, why and what next', async ({ expect }) => {
    const { code, stdout, stderr } = await segno('run refused.segno.yaml --quiet')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr.replace(/run_\w+/g, 'run_1').replace(/failed in \S+/, 'failed in 9ms')).toMatchInlineSnapshot(`
      "
      ✗ run_1 failed in 9ms — 1 failed, 1 not started, 1 completed

        pay  DECLINED after 2 attempts
        the card was declined
        caused by HANDLER_FAILED limit

        --> refused.segno.yaml:6:11
          5 |   - { id: before, set: {} }
        > 6 |   - { id: pay, uses: refuse, retry: { max: 1, delay: 1ms } }
            |           ^^^
          7 |   - { id: after, set: {} }

        go on from there  segno retry run_1
        run it again      segno run refused.segno.yaml --quiet
        look at it        segno show run_1
      "
    `)
  })

  test('--ui ndjson prints the events of the journal', async ({ expect }) => {
    const { stdout } = await segno('run hello.segno.yaml -i name=Ada --ui ndjson')
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => RunEvent.parse(JSON.parse(line)))
    expect(events.map(({ type }) => type)).toEqual([
      'run.created',
      'attempt.started',
      'step.completed',
      'run.completed',
    ])
  })

  test('reads inputs from standard input', async ({ expect }) => {
    const { stdout } = await segno('run hello.segno.yaml --input-file - -q', { stdin: '{"name": "Bo", "times": 3}' })
    expect(stdout).toBe('greeting: Hello Bo\ntimes: 3\n')
  })

  test('--cwd is where handlers and paths of inputs are', async ({ expect }) => {
    const below = join(folder, 'below')
    const { code, stdout } = await segno(`run ${join(folder, 'where.segno.yaml')} --cwd ${below} -i file=note.txt`)
    expect({ code, stdout }).toEqual({ code: 0, stdout: `place: ${realpathSync(below)} found\n` })
  })

  test('colours nothing in a pipe, unless told to, and never with NO_COLOR or --no-color', async ({ expect }) => {
    const run = (words: string, env: Readonly<Record<string, string>>): Promise<Ended> =>
      segno(`run hello.segno.yaml -i name=Ada ${words}`, { env })
    const [pipe, forced, none, flag] = await Promise.all([
      run('', {}),
      run('', { FORCE_COLOR: '1' }),
      run('', { NO_COLOR: '1' }),
      run('--no-color', { FORCE_COLOR: '1' }),
    ])
    expect([pipe, forced, none, flag].map(({ stderr }) => stderr.includes('\u001b['))).toEqual([
      false,
      true,
      false,
      false,
    ])
  })

  test('on GitHub groups steps, annotates the failure and writes a summary', async ({ expect }) => {
    const summary = join(folder, 'summary.md')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary }
    const { stderr } = await segno('run refused.segno.yaml', { env })
    expect(stderr).toContain(
      '::error file=refused.segno.yaml,line=6,col=11,title=pay%3A DECLINED::the card was declined\n',
    )
    expect(stderr).toMatch(/::group::✗ pay .*::endgroup::/s)
    expect(readFileSync(summary, 'utf8')).toMatch(/^### refused\.segno\.yaml: failed\n/)
  })

  test('lets go of a run that waits for what nobody here can send, with 4', async ({ expect }) => {
    const { code, stderr, stdout } = await segno('run wait.segno.yaml -o json')
    expect({ code, stderr, status: RunDocument.parse(JSON.parse(stdout)).status }).toEqual({
      ...{ code: 4, stderr: '', status: 'waiting' },
    })
  })

  test('lets go of a blocked run with 4, and says how to try again', async ({ expect }) => {
    const { code, stderr } = await segno('run blocked.segno.yaml')
    expect(code).toBe(4)
    expect(stderr).toMatch(/■ run_\w+ is blocked after .*DECLINED.*try it again +segno retry run_\w+\n/s)
  })

  test('--store memory keeps nothing, and says so where that matters', async ({ expect }) => {
    const { code, stderr } = await segno('run wait.segno.yaml --store memory', { cwd: alone })
    expect(code).toBe(4)
    expect(stderr).toMatch(/kept in memory\n.*its state is gone with this process.*run it again/s)
    expect(existsSync(join(alone, '.segno'))).toBe(false)
  })

  test('tells of a run that somebody else cancelled, with 5', async ({ expect }) => {
    const { code, stderr } = await segno('run stopped/stop.segno.yaml')
    expect(code).toBe(5)
    expect(stderr).toMatch(/was cancelled after .*no longer wanted/s)
  })

  test('--timeout cancels the run and exits with 6', async ({ expect }) => {
    const { code, stderr } = await segno('run hang.segno.yaml --timeout 200ms')
    expect(code).toBe(6)
    expect(stderr).toMatch(/was cancelled by --timeout after/)
  })

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s stops the run and exits with %d', async ([signal, expected], { expect }) => {
    const { code, stderr } = await segno('run hang.segno.yaml', { signals: [['hang        started', signal]] })
    expect(code).toBe(expected)
    expect(stderr).toMatch(/stopping: .*was interrupted after.*go on {2}segno resume run_\w+\n/s)
  })

  test('the second Ctrl-C does not wait for a handler that hears nothing', async ({ expect }) => {
    const signals = [
      ['deaf        started', 'SIGINT'],
      ['stopping', 'SIGINT'],
    ] as const
    const { code, stderr } = await segno('run deaf.segno.yaml', { signals })
    expect(code).toBe(130)
    expect(stderr).not.toContain('was interrupted')
  })

  test('an error that nobody caught leaves a file and exits with 70', async ({ expect }) => {
    const { code, stderr } = await segno('run explode.segno.yaml')
    const file = /all of it: (.*)\n/.exec(stderr)?.[1] ?? ''
    expect(code).toBe(70)
    expect(readFileSync(file, 'utf8')).toContain('outside of any promise')
  })
})

describe.concurrent('what segno run is given wrongly starts nothing and says what to do:', { timeout: 60_000 }, () => {
  test.for<readonly [what: string, words: string, code: number, says: readonly string[], cwd?: string]>([
    ['a missing input', 'run hello.segno.yaml', 2, ['error[INPUT_MISSING]', 'add: -i name=<string>  (who is greeted)']],
    [
      'an input of the wrong type',
      'run hello.segno.yaml -i name=a -i times=two',
      2,
      ['error[INPUT_INVALID] -i times=two'],
    ],
    ['an unknown input', 'run hello.segno.yaml -i nmae=a', 2, ['error[INPUT_UNKNOWN]', 'did you mean "name"?']],
    [
      'an absolute path',
      'run where.segno.yaml -i file=/etc/passwd',
      2,
      ['error[INPUT_INVALID] the input "file": expected a relative path, got "/etc/passwd"', '--cwd'],
    ],
    [
      'a path that leads to nothing',
      'run where.segno.yaml -i file=nowhere.txt',
      2,
      ['error[INPUT_INVALID] the input "file": there is no file or folder "nowhere.txt"', '--cwd'],
    ],
    ['no file', 'run', 2, ["error[USAGE] missing required argument 'file'", 'segno run --help']],
    ['a wrong path', 'run helo.segno.yaml', 2, ['error[FILE_NOT_FOUND]', '    hello.segno.yaml']],
    ['a folder', 'run bad', 2, ['error[FILE_IS_FOLDER]', '    bad/not-yaml.segno.yaml']],
    ['what is not YAML', 'run bad/not-yaml.segno.yaml', 3, ['error[YAML_SYNTAX]', '--> bad/not-yaml.segno.yaml:']],
    [
      'an unknown handler',
      'run bad/unknown.segno.yaml',
      3,
      ['error[UNKNOWN_HANDLER]', 'did you mean "greet"?', 'segno.config.mjs'],
    ],
    [
      'handlers without a configuration',
      'run a.segno.yaml',
      2,
      ['error[CONFIG_MISSING]', 'write segno.config.ts:', 'greet: async'],
      alone,
    ],
    [
      'a configuration that is not there',
      'run hello.segno.yaml --config no.ts',
      2,
      ['error[FILE_NOT_FOUND]', '--config'],
    ],
    [
      'a configuration that throws',
      'run broken/a.segno.yaml',
      2,
      ['error[CONFIG_FAILED]', 'no database', 'segno.config.mjs:1'],
    ],
    [
      'a configuration of another shape',
      'run shapeless/a.segno.yaml',
      2,
      ['error[CONFIG_INVALID]', 'the handler "greet"'],
    ],
    ['an unknown command', 'rnu', 2, ["error[USAGE] unknown command 'rnu'", 'Did you mean run?']],
    ['an unknown option', 'run hello.segno.yaml --outptu json', 2, ['error[USAGE]', 'Did you mean --output?']],
    ['an unknown mode', 'run hello.segno.yaml --ui tre', 2, ['error[USAGE]', 'plain']],
    ['a label of Segno', 'run hello.segno.yaml --label segno.cwd=/', 2, ['error[LABEL_SYNTAX]', "Segno's own"]],
    [
      'a file for a store',
      'run pure.segno.yaml --store pure.segno.yaml',
      2,
      ['error[OPTION_INVALID] --store pure'],
      alone,
    ],
    ['a label without a value', 'run hello.segno.yaml --label a', 2, ['error[LABEL_SYNTAX]']],
    ['a timeout that is none', 'run hello.segno.yaml --timeout soon', 2, ['error[OPTION_INVALID]', '--timeout 30m']],
    ['a folder to work in that is not there', 'run a.yaml --cwd nowhere', 2, ['error[OPTION_INVALID] --cwd nowhere']],
  ])('%s', async ([, words, expected, says, cwd], { expect }) => {
    const { code, stdout, stderr } = await segno(words, cwd === undefined ? {} : { cwd })
    expect({ code, stdout }).toEqual({ code: expected, stdout: '' })
    for (const text of says) expect(stderr).toContain(text)
  })

  test('a workflow that calls no handler needs no configuration', async ({ expect }) => {
    expect((await segno('run pure.segno.yaml', { cwd: alone })).code).toBe(0)
  })
})

describe.concurrent('segno validate', { timeout: 60_000 }, () => {
  test('tells a valid file and exits with 0', async ({ expect }) => {
    const { code, stdout } = await segno('validate hello.segno.yaml')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '✓ hello.segno.yaml  hello · 1 step\n' })
  })

  test('checks all workflows below a folder, shows every mistake and exits with 3', async ({ expect }) => {
    const { code, stdout } = await segno('check', { cwd: join(folder, 'bad') })
    expect(code).toBe(3)
    expect(stdout).toContain('error[YAML_SYNTAX]')
    expect(stdout).toContain('> 3 | steps: [{ id: a, uses: gret }]')
    expect(stdout).toMatch(/2 files, 2 not valid \(\d errors\)\n$/)
    expect(stdout).not.toContain('plain.yaml')
  })

  test('-o json prints the diagnostics as data', async ({ expect }) => {
    const { code, stdout } = await segno('validate hello.segno.yaml bad/unknown.segno.yaml -o json')
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ v: 1, valid: false },
      files: [
        { file: 'hello.segno.yaml', valid: true, workflow: { name: 'hello', steps: 1 }, diagnostics: [] },
        { file: 'bad/unknown.segno.yaml', valid: false, diagnostics: [{ code: 'UNKNOWN_HANDLER' }] },
      ],
    })
  })

  test('--format github prints annotations', async ({ expect }) => {
    const { stdout } = await segno('validate bad/unknown.segno.yaml --format github')
    expect(stdout).toMatch(/^::error file=bad\/unknown\.segno\.yaml,line=3,col=24,.*title=UNKNOWN_HANDLER::/)
  })

  test('--strict takes a warning for an error', async ({ expect }) => {
    const [loose, strict] = await Promise.all([
      segno('validate wait.segno.yaml'),
      segno('validate wait.segno.yaml --strict'),
    ])
    expect([loose.code, strict.code]).toEqual([0, 3])
    expect(loose.stdout).toContain('warning[WAIT_WITHOUT_END]')
  })

  test('knows no handlers where there is no configuration', async ({ expect }) => {
    expect((await segno('validate a.segno.yaml', { cwd: alone })).code).toBe(0)
  })

  test('ends with 2 where there is nothing to check', async ({ expect }) => {
    const [none, missing] = await Promise.all([
      segno('validate', { cwd: join(folder, 'empty') }),
      segno('validate no.segno.yaml'),
    ])
    expect([none.code, missing.code]).toEqual([2, 2])
    expect(none.stderr).toContain('error[NO_WORKFLOWS]')
  })
})

test('--help and --version are answers, not mistakes', { timeout: 60_000 }, async () => {
  const [help, version] = await Promise.all([segno('run --help'), segno('--version')])
  expect([help.code, version.code]).toEqual([0, 0])
  expect(help.stdout).toContain('--input <key=value>')
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
})
