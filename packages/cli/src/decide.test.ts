import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { ledgerIn } from './ledger.fixture.ts'
import { runIdIn, segno } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'segno.config.mjs': `
    import { appendFileSync, existsSync } from 'node:fs'
    export default {
      handlers: {
        say: (_, { text }) => {
          appendFileSync('ledger', text + '\\n')
          return text
        },
        refuse: () => {
          if (!existsSync('mended')) throw Object.assign(new Error('the card was declined'), { code: 'DECLINED' })
          return { euros: 3 }
        },
      },
    }`,
  'pay.segno.yaml': `
segno: 1
name: pay
input: { who: { type: string, default: Ada } }
output: { paid: { type: [number, "null"], value: "\${{ steps.pay.status == 'completed' ? steps.pay.output.euros : null }}" } }
steps:
  - { id: before, uses: say, with: { text: "\${{ input.who }}" } }
  - id: pay
    uses: refuse
    output: { schema: { type: object, properties: { euros: { type: number } }, required: [euros] } }
    onFailure: block
  - { id: after, uses: say, with: { text: after } }
`,
  'passed.segno.yaml': `
segno: 1
name: passed
steps:
  - { id: pay, uses: refuse, onFailure: continue }
  - { id: go, waitFor: { signal: go } }
`,
  'fails.segno.yaml':
    'segno: 1\nname: fails\nsteps: [{ id: first, uses: say, with: { text: first } }, { id: pay, uses: refuse }]\n',
  'many.segno.yaml':
    'segno: 1\nname: many\nlimits: { steps: 2 }\nsteps: [{ id: a, set: {} }, { id: b, set: {} }, { id: c, set: {} }]\n',
}

const folder = caseFolders('decide', files)

describe.concurrent('what people decide about a run', { timeout: 60_000 }, () => {
  test('skip leaves a blocked step out, and the run goes on', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run pay.segno.yaml', { cwd })
    expect(blocked.code).toBe(4)
    expect(blocked.stderr).toContain(`go on without it   segno skip ${runIdIn(blocked)} pay\n`)
    const wrong = await segno('skip @last after', { cwd })
    expect(wrong.stderr).toContain('error[NOTHING_BLOCKED] after of')
    expect(wrong.stderr).toContain('waiting or blocked: pay')
    const { code, stdout } = await segno('skip @last pay --reason gift', { cwd })
    expect({ code, stdout, ledger: ledgerIn(cwd) }).toEqual({ code: 0, stdout: 'paid: null\n', ledger: 'Ada\nafter\n' })
    const { stdout: journal } = await segno('show @last --events', { cwd })
    expect(journal).toContain('gift')
    expect((await segno('skip @last pay', { cwd })).stderr).toContain('error[RUN_CLOSED]')
  })

  test('override gives a step its output, as its schema wants it', async ({ expect }) => {
    const cwd = folder()
    await segno('run pay.segno.yaml', { cwd })
    const misfit = await segno('override @last pay -d {"euros":"many"}', { cwd })
    expect(misfit.code).toBe(4)
    expect(misfit.stderr).toContain('does not fit its schema')
    expect((await segno('override @last pay -d many', { cwd })).stderr).toContain('error[DATA_INVALID]')
    writeFileSync(join(cwd, 'output.json'), '{"euros":12}')
    const { code, stdout } = await segno('override @last pay -d @output.json', { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'paid: 12\n' })
  })

  test('raise lets a run go on that has reached a limit', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run many.segno.yaml', { cwd })
    expect(blocked.stderr).toContain(`segno raise ${runIdIn(blocked)} --steps`)
    expect((await segno('raise @last', { cwd })).code).toBe(2)
    expect((await segno('raise @last --steps none', { cwd })).stderr).toContain('error[OPTION_INVALID]')
    expect((await segno('raise @last --steps 10', { cwd })).code).toBe(0)
  })

  test('retry --step does again what failed and was passed over, while its list is open', async ({ expect }) => {
    const cwd = folder()
    expect((await segno('run passed.segno.yaml', { cwd })).code).toBe(4)
    writeFileSync(join(cwd, 'mended'), '')
    const { code, stderr } = await segno('retry @last --step pay --downstream', { cwd })
    expect(code).toBe(4)
    expect(stderr).toMatch(/pay~2 .*ok/)
  })

  test('run --on-error pause holds a run that would fail', async ({ expect }) => {
    const cwd = folder()
    expect((await segno('run fails.segno.yaml --on-error pause', { cwd })).code).toBe(4)
    writeFileSync(join(cwd, 'mended'), '')
    expect((await segno('retry @last', { cwd })).code).toBe(0)
    expect(ledgerIn(cwd)).toBe('first\n')
  })

  test('fork begins again from a step, with other inputs and outputs, or by a newer file', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run pay.segno.yaml', { cwd })
    const runId = runIdIn(blocked)
    const given = await segno(`fork ${runId} --set steps.pay.output.euros:=7 -i who=Grace`, { cwd })
    expect(given.stderr).toContain('gave nothing whose fields could be set')
    const whole = await segno(`fork ${runId} --set steps.pay.output:={"euros":7} -i who=Grace`, { cwd })
    expect({ code: whole.code, stdout: whole.stdout }).toEqual({ code: 0, stdout: 'paid: 7\n' })
    expect(ledgerIn(cwd)).toBe('Ada\nGrace\nafter\n')
    const field = await segno('fork @last --set steps.pay.output.euros:=8 --from after', { cwd })
    expect({ stdout: field.stdout, ledger: ledgerIn(cwd) }).toEqual({
      stdout: 'paid: 8\n',
      ledger: 'Ada\nGrace\nafter\nafter\n',
    })
    expect((await segno(`fork ${runId} --from nowhere`, { cwd })).stderr).toContain('error[OPTION_INVALID]')
    writeFileSync(join(cwd, 'mended'), '')
    const failure = await segno(`fork ${runId} --from-failure --workflow pay.segno.yaml`, { cwd })
    expect({ code: failure.code, stdout: failure.stdout }).toEqual({ code: 0, stdout: 'paid: 3\n' })
  })

  test('migrate puts runs in flight on what the file says now, and tells what stands against it', async ({
    expect,
  }) => {
    const cwd = folder()
    await segno('run passed.segno.yaml', { cwd })
    const write = (text: string): void => writeFileSync(join(cwd, 'passed.segno.yaml'), text)
    const before = readFileSync(join(cwd, 'passed.segno.yaml'), 'utf8')
    write(before.replace('  - { id: pay, uses: refuse, onFailure: continue }\n', ''))
    const refused = await segno('migrate passed.segno.yaml --all --dry-run', { cwd })
    expect(refused.code).toBe(7)
    expect(refused.stdout).toMatch(
      /run_\w+ {2}cannot {5}waiting\n +pay: the step is not there any more \(STEP_REMOVED\)\n/,
    )
    write(`${before}  - { id: added, uses: say, with: { text: added } }\n`)
    const dry = await segno('migrate passed.segno.yaml --all --dry-run --json', { cwd })
    expect(JSON.parse(dry.stdout)).toMatchObject({ v: 1, dryRun: true, runs: [{ outcome: 'fits', reasons: [] }] })
    expect((await segno('migrate passed.segno.yaml', { cwd })).code).toBe(2)
    expect((await segno('migrate passed.segno.yaml --run @last', { cwd })).stdout).toMatch(/run_\w+ {2}told/)
    await segno('signal @last go', { cwd })
    expect((await segno('resume @last', { cwd })).code).toBe(0)
    expect(ledgerIn(cwd)).toBe('added\n')
  })
})
