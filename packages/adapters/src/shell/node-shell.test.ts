import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NodeShellOptions, ProposedCommand } from './node-shell.ts'
import { bench, sh } from './shell.fixture.ts'

const printsArguments = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'
const json = { from: 'json', maxBytes: 65536 } as const

describe('a program', () => {
  test('gets each argument as it is', async () => {
    const { run } = bench()
    const given = ['two words', `'"`, '$(id) `id` $HOME', 'a\nb', '-rf', '--', '', '*', '\\', 'ä\u{1f600}']
    const argv = [process.execPath, '-e', printsArguments, '--', ...given]
    expect(await run({ program: { argv }, output: json })).toMatchObject({ exitCode: 0, output: given })
  })

  test('gets each argument as it is, whatever it holds', { timeout: 30_000 }, async () => {
    const { run } = bench()
    const argument = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && text.isWellFormed())
    await fc.assert(
      fc.asyncProperty(fc.array(argument, { minLength: 20 }), async (given) => {
        // `printf` ends each argument with a NUL, which no argument holds.
        const argv = ['printf', '%s\\0', ...given]
        const { output } = await run({ program: { argv }, output: { from: 'stdout', maxBytes: 65536 } })
        expect(output).toBe(given.map((text) => `${text}\0`).join(''))
      }),
      { numRuns: 30 },
    )
  })

  test('that does not exist fails with COMMAND_NOT_FOUND, and nothing is started', async () => {
    const { failure, workspace } = bench()
    const { code, message, retryable } = await failure({ program: { argv: ['no-such-program'] } })
    expect({ code, retryable }).toEqual({ code: 'COMMAND_NOT_FOUND', retryable: false })
    expect(message).toContain('no program "no-such-program" in PATH (')
    const slash = await failure({ program: { argv: ['./no-such-program'] } })
    expect(slash.message).toBe(`there is no program "./no-such-program" at ${workspace}/no-such-program`)
  })

  test.for([
    ['lacks the permission', 0o600, '#!/bin/sh\n', 'may not be executed'],
    ['has no format of this system', 0o700, 'echo hello\n', 'is neither a program of this system nor begins with "#!"'],
    ['is empty', 0o700, '', 'is neither a program of this system nor begins with "#!"'],
  ] as const)('that %s fails with COMMAND_NOT_EXECUTABLE', async ([, mode, text, why]) => {
    const { failure, workspace } = bench()
    writeFileSync(join(workspace, 'tool'), text)
    chmodSync(join(workspace, 'tool'), mode)
    const { code, message } = await failure({ program: { argv: ['./tool'] } })
    expect(code).toBe('COMMAND_NOT_EXECUTABLE')
    expect(message).toContain(why)
  })

  test('that is a folder fails with COMMAND_NOT_EXECUTABLE', async () => {
    const { failure } = bench()
    expect(await failure({ program: { argv: ['./'] } })).toMatchObject({ code: 'COMMAND_NOT_EXECUTABLE' })
  })

  test('whose output cannot be kept is not started, and fails with PROCESS_FAILED, which may be retried', async () => {
    const { failure, evidence, workspace } = bench()
    const runId = 'run-without-logs'
    mkdirSync(join(evidence.folder(runId, 'step', 1), 'stdout.log'), { recursive: true })
    const found = await failure({ program: { argv: ['touch', 'started'] } }, { runId })
    expect(found).toMatchObject({ code: 'PROCESS_FAILED', retryable: true })
    expect(found.message).toContain('the logs of the process could not be made')
    expect(existsSync(join(workspace, 'started'))).toBe(false)
  })

  test('whose interpreter is missing fails with COMMAND_NOT_FOUND, and says which', async () => {
    const { failure, workspace } = bench()
    writeFileSync(join(workspace, 'tool'), '#!/bin/sh\r\necho hello\r\n', { mode: 0o700 })
    const { code, message } = await failure({ program: { argv: ['./tool'] } })
    expect(code).toBe('COMMAND_NOT_FOUND')
    expect(message).toContain('the interpreter "/bin/sh\\r" that')
  })

  test('is found in PATH past what may not be executed, and not by relative entries of PATH', async () => {
    const { run, failure, workspace } = bench()
    for (const [folder, mode] of [
      ['a', 0o600],
      ['b', 0o700],
    ] as const) {
      mkdirSync(join(workspace, folder))
      writeFileSync(join(workspace, folder, 'tool'), '#!/bin/sh\n')
      chmodSync(join(workspace, folder, 'tool'), mode)
    }
    const program = { argv: ['tool'] }
    const PATH = `${workspace}/a:${workspace}/b`
    expect(await run({ program, env: { PATH } })).toEqual({ exitCode: 0 })
    expect(await failure({ program, env: { PATH: `:b:${workspace}/a` } })).toMatchObject({
      code: 'COMMAND_NOT_EXECUTABLE',
    })
  })

  test('gets no argument with a NUL', async () => {
    const { failure } = bench()
    const { code, message } = await failure({ program: { argv: ['echo', 'a', 'b\0c'] } })
    expect({ code, message }).toEqual({ code: 'ARGUMENT_REFUSED', message: 'argument 2 holds a NUL' })
  })

  test('gets no more than the system takes', async () => {
    const { failure } = bench()
    const argv = ['echo', 'x'.repeat(256 * 1024)]
    expect(await failure({ program: { argv } })).toMatchObject({ code: 'ARGUMENT_REFUSED', retryable: false })
  })
})

describe('a process that fails', () => {
  test('with an exit code keeps it, and how stderr ended', async () => {
    const { failure } = bench()
    expect(await failure(sh('echo one; echo two >&2; exit 7'))).toMatchObject({
      code: 'EXIT_CODE',
      message: 'exit code 7',
      retryable: true,
      details: {
        exitCode: 7,
        stderrTail: 'two',
        stderrLines: 1,
        stdoutBytes: 4,
        stderrBytes: 4,
        evidence: 'steps/step/attempt-1',
      },
    })
  })

  test('by a signal says which', async () => {
    const { failure } = bench()
    const failed = await failure(sh('kill -s SEGV $$'))
    expect(failed).toMatchObject({ code: 'KILLED_BY_SIGNAL', message: 'killed by SIGSEGV', retryable: true })
    expect(failed.details).toMatchObject({ signal: 'SIGSEGV' })
    expect(failed.details).not.toHaveProperty('exitCode')
  })

  test('with 128 and more is not taken for one that was killed', async () => {
    const { failure } = bench()
    expect(await failure(sh('exit 137'))).toMatchObject({ code: 'EXIT_CODE', details: { exitCode: 137 } })
  })

  test('fails by its exit code also where its output is of no use', async () => {
    const { failure } = bench()
    const failed = await failure({ ...sh('echo no json; exit 3'), output: json })
    expect(failed).toMatchObject({ code: 'EXIT_CODE', details: { exitCode: 3 } })
  })
})

describe('a script', () => {
  test.for([
    ['sh', 'false; echo not reached', 1],
    ['bash', 'false | true; echo not reached', 1],
    ['python', 'raise SystemExit(4)', 4],
    ['node', 'await Promise.resolve(); process.exitCode = 5', 5],
  ] as const)('for %s ends at its first failure', async ([shell, script, exitCode]) => {
    const { failure, left } = bench()
    expect(await failure({ program: { script, shell } })).toMatchObject({ details: { exitCode, stdoutBytes: 0 } })
    expect(left({ sh: 'script.sh', bash: 'script.sh', python: 'script.py', node: 'script.mjs' }[shell])).toBe(script)
  })

  test('whose interpreter is missing fails with COMMAND_NOT_FOUND', async () => {
    const { failure } = bench()
    const command = { program: { script: 'true', shell: 'bash' }, env: { PATH: '/nowhere' } } as const
    expect(await failure(command)).toMatchObject({ code: 'COMMAND_NOT_FOUND' })
  })

  test('has nothing to read', async () => {
    const { run } = bench()
    expect(await run({ ...sh('cat'), output: { from: 'stdout', maxBytes: 10 } })).toMatchObject({
      exitCode: 0,
      output: '',
    })
  })
})

describe('the folder of a process', () => {
  test('is one of the workspace', async () => {
    const { run, workspace } = bench()
    mkdirSync(join(workspace, 'a/b'), { recursive: true })
    symlinkSync('a/b', join(workspace, 'link'))
    const output = { from: 'stdout', maxBytes: 1000 } as const
    expect(await run({ ...sh('pwd'), output })).toMatchObject({ output: workspace })
    expect(await run({ ...sh('pwd'), output, cwd: 'a/b' })).toMatchObject({ output: `${workspace}/a/b` })
    expect(await run({ ...sh('pwd -P'), output, cwd: 'link' })).toMatchObject({ output: `${workspace}/a/b` })
  })

  test('is not outside of it, also not by a link or a longer name', async () => {
    const { workspace: outer } = bench()
    const [workspace, beside] = [join(outer, 'out'), join(outer, 'out2')]
    for (const folder of [workspace, beside]) mkdirSync(folder)
    const { failure } = bench({ workspace })
    symlinkSync(beside, join(workspace, 'link'))
    for (const cwd of ['..', '/', beside, 'link', '../out2']) {
      expect(await failure({ cwd }), cwd).toMatchObject({ code: 'PATH_UNSAFE' })
    }
  })

  test('has to be there', async () => {
    const { failure, workspace } = bench()
    writeFileSync(join(workspace, 'file'), '')
    for (const cwd of ['missing', 'file', 'file/x'])
      expect(await failure({ cwd }), cwd).toMatchObject({ code: 'COMMAND_NOT_FOUND' })
  })
})

describe('what a host allows', () => {
  test('is asked with exactly what would be run', async () => {
    const asked: ProposedCommand[] = []
    const { run, workspace } = bench({ allow: (command) => asked.push(command) > 0 })
    await run({ program: { argv: ['/bin/echo', 'a b'] }, env: { TOKEN: 'secret' } })
    expect(asked).toMatchObject([{ argv: ['/bin/echo', 'a b'], cwd: workspace, path: 'step' }])
    expect(JSON.stringify(asked)).toContain('"TOKEN"')
    expect(JSON.stringify(asked)).not.toContain('secret')
  })

  const refusals: readonly (readonly [string, NonNullable<NodeShellOptions['allow']>])[] = [
    ['says no', () => false],
    ['cannot be asked', () => Promise.reject(new Error('no answer'))],
  ]

  test.for(refusals)('is not run where the host %s', async ([, allow]) => {
    const { failure, workspace } = bench({ allow })
    expect(await failure(sh('touch made'))).toMatchObject({ code: 'COMMAND_REFUSED', retryable: false })
    expect(existsSync(join(workspace, 'made'))).toBe(false)
  })
})

test('the evidence of an attempt is for its user alone', async () => {
  const { run, left, evidence } = bench()
  await run(sh('echo out; echo err >&2'), { runId: 'mine' })
  const folder = evidence.folder('mine', 'step', 1)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  for (const file of ['stdout.log', 'stderr.log', 'process.json', 'script.sh'])
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600)
  expect(() => left('process.json.new')).toThrow('ENOENT')
})

test('a process has the umask of its host', async () => {
  const { run, workspace } = bench()
  await run(sh('touch made'))
  expect(statSync(join(workspace, 'made')).mode & 0o777).toBe(0o666 & ~process.umask())
})
