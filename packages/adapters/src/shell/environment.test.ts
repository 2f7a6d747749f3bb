import { secretMasker } from '@segno/core'
import { describe, expect, test } from 'vitest'
import { processEnvironment } from './environment.ts'
import { nodeShell } from './node-shell.ts'
import { bench, contextOf, evidenceIn } from './shell.fixture.ts'

const context = contextOf({ runId: 'r1', path: 'loop[2]/step', attempt: 3, idempotencyKey: 'k' })
const command = (env: Record<string, string>) => ({ program: { argv: ['true'] }, env })

describe('what a process sees', () => {
  test('is the short list, what the host names, the step’s own and whose attempt it is', () => {
    const host = {
      PATH: '/bin',
      HOME: '/h',
      LC_ALL: 'C',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '-r x',
      CI: '1',
      NO: 'x',
    }
    expect(processEnvironment(host, ['CI', 'ABSENT'], command({ HOME: '/other', A: '1' }), context)).toEqual({
      PATH: '/bin',
      HOME: '/other',
      LC_ALL: 'C',
      CI: '1',
      A: '1',
      SEGNO_RUN_ID: 'r1',
      SEGNO_STEP: 'loop[2]/step',
      SEGNO_ATTEMPT: '3',
      SEGNO_IDEMPOTENCY_KEY: 'k',
    })
  })

  test('is that and no more in a real process', async () => {
    const { run } = bench()
    const script = 'process.stdout.write(JSON.stringify(process.env))'
    const argv = [process.execPath, '-e', script]
    const { output } = await run({ program: { argv }, env: { B: 'x y' }, output: { from: 'json', maxBytes: 65536 } })
    const allowed = /^(PATH|HOME|LANG|TZ|TMPDIR|LC_.*|B|PWD|SEGNO_(RUN_ID|STEP|ATTEMPT|IDEMPOTENCY_KEY))$/
    expect(Object.keys(output ?? {}).filter((name) => !allowed.test(name))).toEqual([])
    expect(output).toMatchObject({ B: 'x y' })
  })

  test('holds a dangerous variable only where the step declares it', () => {
    const host = { NODE_OPTIONS: '--require ./x.js', LD_PRELOAD: 'x.so' }
    expect(processEnvironment(host, [], command({}), context)).not.toHaveProperty('NODE_OPTIONS')
    expect(processEnvironment(host, [], command({ NODE_OPTIONS: '' }), context)).toMatchObject({ NODE_OPTIONS: '' })
  })

  test.for([
    'NODE_OPTIONS',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'ENV',
    'IFS',
    'PYTHONPATH',
    'GIT_SSH_COMMAND',
  ])('does not come from the host where it is %s', (name) => {
    const evidence = evidenceIn('/nowhere')
    expect(() => nodeShell({ workspace: '/', evidence, env: [name] })).toThrow(name)
  })

  test.for([
    ['A-B', 'x'],
    ['', 'x'],
    ['BASH_FUNC_kill%%', '() { :; }'],
    ['A', 'x\0y'],
  ] as const)('is refused where "%s" cannot be a variable of it', async ([name, value]) => {
    const { failure } = bench()
    expect(await failure({ env: { [name]: value } })).toMatchObject({ code: 'ARGUMENT_REFUSED' })
  })
})

test('the record of a process names its variables and masks its arguments', async () => {
  const { run, left } = bench()
  const masker = secretMasker()
  masker.add('s3cret-value')
  await run({ program: { argv: ['true', 'token=s3cret-value'] }, env: { TOKEN: 's3cret-value' } }, { masker })
  const record = JSON.parse(left('process.json')) as {
    readonly argv: readonly string[]
    readonly env: readonly string[]
  }
  expect(record).toMatchObject({ argv: [expect.any(String), 'token=***'], exitCode: 0, signal: null })
  expect(record.env).toContain('TOKEN')
  expect(left('process.json')).not.toContain('s3cret-value')
})
