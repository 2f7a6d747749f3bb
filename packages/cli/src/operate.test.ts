import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RunDocument } from '@segno/schema'
import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { ledgerConfig, ledgerIn } from './ledger.fixture.ts'
import { runIdIn, segno, startSegno, writeFiles } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'segno.config.mjs': ledgerConfig,
  'bare.config.mjs': 'export default { handlers: {} }\n',
  'once.segno.yaml': `
segno: 1
name: once
output: { done: { type: boolean, value: true } }
steps:
  - { id: before, uses: note, with: { text: before } }
  - { id: hang, uses: once }
  - { id: after, uses: note, with: { text: after } }
`,
  'wait.segno.yaml': `
segno: 1
name: wait
steps: [{ id: wait, waitFor: { signal: go } }]
finally: [{ id: tidy, uses: note, with: { text: tidy } }]
`,
  'blocked.segno.yaml': 'segno: 1\nname: blocked\nsteps: [{ id: pay, uses: refuse, onFailure: block }]\n',
  'refused.segno.yaml': 'segno: 1\nname: refused\nsteps: [{ id: pay, uses: refuse }]\n',
  'nap.segno.yaml': `
segno: 1
name: nap
steps: [{ id: first, set: {} }, { id: nap, sleep: 1s }, { id: hang, uses: once }]
`,
}

const folder = caseFolders('operate', files)

/** A run whose process was killed while a step hung. */
async function crashed(cwd: string): Promise<void> {
  const { child, ended, printed } = startSegno('run once.segno.yaml', { cwd })
  await printed('hang        started')
  child.kill('SIGKILL')
  await ended
}

describe.concurrent('segno resume', { timeout: 60_000 }, () => {
  test('goes on at once with a run whose process was killed, and repeats no step that completed', async ({
    expect,
  }) => {
    const cwd = folder()
    await crashed(cwd)
    const seen = await segno('runs', { cwd })
    expect(seen.stdout).toMatch(/☠ crashed {2}run_\w+ {2}once .*← its process is gone · segno resume run_\w+\n$/)
    const { code, stdout, stderr } = await segno('resume @last', { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done: true\n' })
    expect(stderr).toMatch(/hang .* lost .*hang .* started .*hang .* ok /s)
    expect(stderr).not.toContain('before ')
    expect(ledgerIn(cwd)).toBe('before\nonce\nonce\nafter\n')
  })

  test('is what a second start under the same --id does', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run once.segno.yaml --id key', { cwd })
    await printed('hang        started')
    child.kill('SIGKILL')
    await ended
    const again = await segno('run once.segno.yaml --id key', { cwd })
    expect({ code: again.code, ledger: ledgerIn(cwd) }).toEqual({ code: 0, ledger: 'before\nonce\nonce\nafter\n' })
    const ended2 = await segno('run once.segno.yaml --id key', { cwd })
    expect({ code: ended2.code, stdout: ended2.stdout }).toEqual({ code: 0, stdout: 'done: true\n' })
  })

  test('tells of a damaged journal with its place, and changes nothing', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run blocked.segno.yaml', { cwd })
    const journal = join(cwd, '.segno/runs', runIdIn(blocked), 'journal/000001.jsonl')
    const damaged = readFileSync(journal, 'utf8').replace('"workflow":"blocked"', '"workflow":"blockex"')
    writeFileSync(journal, damaged)
    const { code, stderr } = await segno(`resume ${runIdIn(blocked)}`, { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error\[JOURNAL_DAMAGED\] .*000001\.jsonl:\d+ .*\n$/)
    expect(readFileSync(journal, 'utf8')).toBe(damaged)
  })

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('goes on with a run that %s stopped', async ([signal, expected], { expect }) => {
    const cwd = folder()
    const stopped = await segno('run once.segno.yaml', { cwd, signals: [['hang        started', signal]] })
    expect(stopped.code).toBe(expected)
    expect(stopped.stderr).toContain(`go on  segno resume ${runIdIn(stopped)}\n`)
    const { code } = await segno(`resume ${runIdIn(stopped)}`, { cwd })
    expect({ code, ledger: ledgerIn(cwd) }).toEqual({ code: 0, ledger: 'before\nonce\nonce\nafter\n' })
  })

  test('waits for a run that sleeps, and drives it from then on', async ({ expect }) => {
    const cwd = folder()
    const stopped = await segno('run nap.segno.yaml', { cwd, signals: [['nap         waiting', 'SIGINT']] })
    expect(stopped.code).toBe(130)
    writeFileSync(join(cwd, 'been-here'), '')
    expect((await segno('resume @last', { cwd })).code).toBe(0)
  })

  test('goes on in the folder where the run was started', async ({ expect }) => {
    const [cwd, elsewhere] = [folder(), folder({})]
    await crashed(cwd)
    const { code } = await segno(`resume @last --store ${join(cwd, '.segno')}`, { cwd: elsewhere })
    expect({ code, ledger: ledgerIn(cwd) }).toEqual({ code: 0, ledger: 'before\nonce\nonce\nafter\n' })
  })

  test('leaves a run to the live process that drives it, with 7 and its name', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run once.segno.yaml', { cwd })
    await printed('hang        started')
    const { code, stderr } = await segno('resume @last', { cwd })
    expect(code).toBe(7)
    expect(stderr).toMatch(new RegExp(`error\\[RUN_HELD\\] run_\\w+ is driven by process ${child.pid} on `))
    child.kill('SIGINT')
    await ended
  })

  test('tells how an ended run ended, with its code', async ({ expect }) => {
    const cwd = folder()
    await segno('run refused.segno.yaml', { cwd })
    const failed = await segno('resume @last-failed', { cwd })
    expect(failed.code).toBe(1)
    expect(failed.stderr).toMatch(/✗ run_\w+ failed in .*the card was declined/s)
    await segno('run wait.segno.yaml', { cwd })
    await segno('cancel @last', { cwd })
    expect((await segno('resume @last', { cwd })).code).toBe(5)
  })

  test('says what a run waits for, with 4', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const { code, stderr } = await segno('resume @last', { cwd })
    expect(code).toBe(4)
    expect(stderr).toMatch(/is waiting after.*wait {2}waiting {2}for signal go/s)
  })

  test('blocks a run whose handler is missing, says which and what to do, and retry goes on', async ({ expect }) => {
    const cwd = folder()
    await crashed(cwd)
    const { code, stderr } = await segno('resume @last --config bare.config.mjs', { cwd })
    expect(code).toBe(4)
    expect(stderr).toMatch(
      /is blocked after.*no handler "once" is registered.*add it to `handlers` of segno\.config\.ts/s,
    )
    expect(stderr).toMatch(/try it again +segno retry run_\w+ --config bare\.config\.mjs\n/)
    const retried = await segno('retry @last', { cwd })
    expect({ code: retried.code, stdout: retried.stdout }).toEqual({ code: 0, stdout: 'done: true\n' })
  })

  test('--all goes on with everything that is due, and with nothing else', async ({ expect }) => {
    const cwd = folder()
    await crashed(cwd)
    rmSync(join(cwd, 'been-here'))
    await crashed(cwd)
    await segno('run wait.segno.yaml', { cwd })
    const { code, stdout } = await segno('resume --all -o json', { cwd })
    const { runs } = JSON.parse(stdout) as { readonly runs: readonly unknown[] }
    const statuses = runs.map((run) => RunDocument.parse(run)).map(({ workflow, status }) => `${workflow} ${status}`)
    expect({ code, statuses }).toEqual({ code: 0, statuses: ['once completed', 'once completed'] })
    expect((await segno('resume --all', { cwd })).stderr).toBe('nothing is due in .segno\n')
  })
})

describe.concurrent('a run that nobody drives', { timeout: 60_000 }, () => {
  test('is paused, resumed and cancelled by the command itself', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const paused = await segno('pause @last', { cwd })
    expect(paused.code).toBe(0)
    expect(paused.stderr).toMatch(/‖ run_\w+ is paused after.*go on {7}segno resume run_\w+\n/s)
    expect((await segno('runs --status paused', { cwd })).stdout).toContain('paused')
    expect((await segno('resume @last', { cwd })).code).toBe(4)
    const cancelled = await segno('cancel @last --reason superseded', { cwd })
    expect(cancelled.code).toBe(0)
    expect(cancelled.stderr).toMatch(/was cancelled after.*superseded/s)
    expect(ledgerIn(cwd)).toBe('tidy\n')
    const again = await segno('cancel @last', { cwd })
    expect(again).toMatchObject({ code: 0, stderr: expect.stringMatching(/^run_\w+ is cancelled already\n$/) })
    expect((await segno('pause @last', { cwd })).code).toBe(2)
  })

  test('is retried once what blocked it is mended', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run blocked.segno.yaml', { cwd })
    expect(blocked.code).toBe(4)
    expect((await segno('resume @last', { cwd })).stderr).toMatch(/is blocked after.*DECLINED.*segno retry/s)
    const wrong = await segno('retry @last --step nothing', { cwd })
    expect({ code: wrong.code, stderr: wrong.stderr }).toEqual({
      code: 2,
      stderr: `error[NOTHING_BLOCKED] nothing of ${runIdIn(blocked)} is not blocked\n  blocked: pay\n`,
    })
    writeFileSync(join(cwd, 'mended'), '')
    expect((await segno('retry @last --step pay', { cwd })).code).toBe(0)
  })

  test('is not retried where nothing is blocked, nor once it has completed', async ({ expect }) => {
    const cwd = folder()
    await segno('run wait.segno.yaml', { cwd })
    const waiting = await segno('retry @last', { cwd })
    expect(waiting.code).toBe(2)
    expect(waiting.stderr).toContain('error[NOTHING_BLOCKED]')
    writeFiles(cwd, { 'done.segno.yaml': 'segno: 1\nname: done\nsteps: [{ id: a, set: { b: 1 } }]\n' })
    await segno('run done.segno.yaml', { cwd })
    const completed = await segno('retry @last', { cwd })
    expect(completed.code).toBe(2)
    expect(completed.stderr).toMatch(
      /error\[RUN_CLOSED\] run_\w+ has completed: an ended run is closed for good\n.*a new run: {10}segno run done\.segno\.yaml\n$/s,
    )
  })

  test('that failed begins again as another, and what completed is not done again', async ({ expect }) => {
    const cwd = folder()
    const steps = "[{ id: note, run: 'echo noted >> notes' }, { id: check, run: 'test -f mended' }]"
    writeFiles(cwd, { 'fails.segno.yaml': `segno: 1\nname: fails\nsteps: ${steps}\n` })
    const failed = await segno('run fails.segno.yaml', { cwd })
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain(`go on from there     segno retry ${runIdIn(failed)}`)
    expect((await segno('retry @last --step check', { cwd })).stderr).toContain('error[OPTION_INVALID]')
    writeFileSync(join(cwd, 'mended'), '')
    const again = await segno(`retry ${runIdIn(failed)}`, { cwd })
    expect(again.code).toBe(0)
    expect(again.stderr).toMatch(/ note +reused\n/)
    expect(runIdIn(again)).not.toBe(runIdIn(failed))
    expect(readFileSync(join(cwd, 'notes'), 'utf8')).toBe('noted\n')
  })
})

describe.concurrent('a run that another process drives', { timeout: 60_000 }, () => {
  test('is cancelled by that process, and the command does not wait', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run once.segno.yaml', { cwd })
    await printed('hang        started')
    const { code, stderr } = await segno('cancel @last', { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(new RegExp(`process ${child.pid} on \\S+ is told to cancel it; segno show run_\\w+ tells`))
    expect(await ended).toMatchObject({ code: 5, stderr: expect.stringContaining('was cancelled after') })
  })

  test('is waited for with --wait', async ({ expect }) => {
    const cwd = folder()
    const { ended, printed } = startSegno('run once.segno.yaml', { cwd })
    await printed('hang        started')
    const { code, stderr } = await segno('cancel @last --wait', { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain('was cancelled after')
    expect((await ended).code).toBe(5)
  })
})

describe.concurrent('when nobody reads any more', { timeout: 60_000 }, () => {
  test('a run is let go of without a word, with 4, and can be resumed', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run nap.segno.yaml --ui ndjson', { cwd })
    await printed('run.created')
    child.stdout?.destroy()
    const { code, stderr } = await ended
    expect({ code, stderr }).toEqual({ code: 4, stderr: '' })
    writeFileSync(join(cwd, 'been-here'), '')
    expect((await segno('resume @last', { cwd })).code).toBe(0)
  })

  test('a run in memory is brought to its end', async ({ expect }) => {
    const cwd = folder()
    writeFileSync(join(cwd, 'been-here'), '')
    const { child, ended, printed } = startSegno('run nap.segno.yaml --ui ndjson --store memory', { cwd })
    await printed('run.created')
    child.stdout?.destroy()
    expect((await ended).code).toBe(0)
    expect(existsSync(join(cwd, '.segno'))).toBe(false)
  })
})
