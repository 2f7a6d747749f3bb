import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { ledgerConfig, ledgerIn } from './ledger.fixture.ts'
import { runIdIn, segno, startSegno, writeFiles, type Ended } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'segno.config.mjs': ledgerConfig,
  'order.segno.yaml': `
segno: 1
name: order
labels: { team: web }
imports: { middle: ./lib/middle.segno.yaml }
output: { done: { type: string, value: "\${{ steps.ship.output.done }}" } }
steps:
  - { id: before, uses: note, with: { text: before } }
  - { id: ship, start: middle }
  - { id: after, uses: note, with: { text: after } }
`,
  'lib/middle.segno.yaml': `
segno: 1
name: middle
imports: { inner: ./inner.segno.yaml }
output: { done: { type: string, value: "\${{ steps.pack.output.done }}" } }
steps:
  - { id: enter, uses: note, with: { text: enter } }
  - { id: pack, start: inner }
  - { id: leave, uses: note, with: { text: leave } }
`,
  'lib/inner.segno.yaml': `
segno: 1
name: inner
output: { done: { type: string, value: "packed" } }
steps: [{ id: hang, uses: once, with: { say: it hangs } }]
`,
  'asks.segno.yaml': `
segno: 1
name: asks
imports: { waits: ./lib/waits.segno.yaml }
output: { got: { type: string, value: "\${{ steps.sub.output.got }}" } }
steps: [{ id: sub, start: waits }]
`,
  'lib/waits.segno.yaml': `
segno: 1
name: waits
output: { got: { type: string, value: "\${{ steps.wait.output }}" } }
steps: [{ id: wait, waitFor: { signal: go, schema: { type: string } } }]
finally: [{ id: tidy, uses: note, with: { text: tidy } }]
`,
  'blocked.segno.yaml': `
segno: 1
name: blocked
imports: { pays: ./lib/pays.segno.yaml }
steps: [{ id: sub, start: pays, wait: false }]
`,
  'lib/pays.segno.yaml': 'segno: 1\nname: pays\nsteps: [{ id: pay, uses: refuse, onFailure: block }]\n',
  'open.segno.yaml': `
segno: 1
name: open
imports: { noted: ./lib/noted.segno.yaml }
steps:
  - { id: sub, start: noted }
  - { id: wait, waitFor: { signal: go } }
`,
  'lib/noted.segno.yaml': 'segno: 1\nname: noted\nsteps: [{ id: note, uses: note, with: { text: noted } }]\n',
  'detached.segno.yaml': `
segno: 1
name: detached
imports: { waits: ./lib/waits.segno.yaml }
steps: [{ id: sub, start: waits, wait: false, detached: true }]
`,
}

const folder = caseFolders('children', files)

function subIn({ stderr }: Ended): string {
  return /sub_\w+/.exec(stderr)?.[0] ?? 'no run'
}

interface Listed {
  readonly runs: readonly {
    readonly runId: string
    readonly workflow: string
    readonly status: string
    readonly labels: Readonly<Record<string, string>>
    readonly parent?: { readonly runId: string; readonly path: string }
  }[]
}

async function runsOf(cwd: string, words = ''): Promise<Listed['runs']> {
  return (JSON.parse((await segno(`runs -o json ${words}`, { cwd })).stdout) as Listed).runs
}

async function standing(cwd: string): Promise<readonly string[]> {
  return (await runsOf(cwd)).map(({ workflow, status }) => `${workflow} ${status}`)
}

describe.concurrent('a run that starts others', { timeout: 90_000 }, () => {
  test('goes on with them, and theirs, after its process was killed; nothing is done twice', async ({ expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run order.segno.yaml', { cwd })
    await printed('it hangs')
    child.kill('SIGKILL')
    await ended
    expect(await standing(cwd)).toContain('inner crashed')
    const { code, stdout, stderr } = await segno('resume @last', { cwd })
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: 'done: packed\n' })
    expect(ledgerIn(cwd)).toBe('before\nenter\nonce\nonce\nleave\nafter\n')
    expect((await standing(cwd)).toSorted()).toEqual(['inner completed', 'middle completed', 'order completed'])
  })

  test.for(['resume --all', 'resume @last'])('goes on with them after Ctrl-C: segno %s', async (words, { expect }) => {
    const cwd = folder()
    const { child, ended, printed } = startSegno('run order.segno.yaml', { cwd })
    await printed('it hangs')
    child.kill('SIGINT')
    const stopped = await ended
    expect(stopped.code).toBe(130)
    expect(stopped.stderr).toMatch(/\n {2}ship {2}waiting {2}for run sub_\w+\n/)
    expect((await segno(words, { cwd })).code).toBe(0)
    expect(ledgerIn(cwd)).toBe('before\nenter\nonce\nonce\nleave\nafter\n')
  })

  test('says what those wait for, and how to send it', async ({ expect }) => {
    const cwd = folder()
    const waiting = await segno('run asks.segno.yaml', { cwd })
    const sub = subIn(waiting)
    expect(waiting.code).toBe(4)
    expect(waiting.stderr).toContain(
      `\n  sub  waiting  for run ${sub}\n\n  ${sub}  waits\n    wait  waiting  for signal go\n`,
    )
    expect(waiting.stderr).toContain(`  send the signal  segno signal ${sub} go\n`)
    await segno(`signal ${sub} go --data "now"`, { cwd })
    const { code, stdout } = await segno('resume @last', { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'got: now\n' })
  })

  test('waits for one that it does not wait for step by step, and says that it is blocked', async ({ expect }) => {
    const cwd = folder()
    const blocked = await segno('run blocked.segno.yaml', { cwd })
    const sub = subIn(blocked)
    expect(blocked.code).toBe(4)
    expect(blocked.stderr).toContain(`  try it again  segno retry ${sub}\n`)
    expect(blocked.stderr).toContain('DECLINED')
    const { stdout } = await segno(`show ${sub}`, { cwd })
    expect(stdout).toMatch(new RegExp(`^lib/pays.segno.yaml {2}${sub}\\n`))
    expect(stdout).toContain('--> lib/pays.segno.yaml:3:15\n')
    writeFiles(cwd, { mended: '' })
    const retried = await segno(`retry ${sub}`, { cwd })
    expect(retried.code).toBe(0)
    expect(retried.stderr).toMatch(new RegExp(`✓ ${sub} completed in .*✓ run_\\w+ completed in `, 's'))
    expect((await standing(cwd)).toSorted()).toEqual(['blocked completed', 'pays completed'])
  })

  test('goes on with the run that has started one, once that one has ended', async ({ expect }) => {
    const cwd = folder()
    const waiting = await segno('run asks.segno.yaml', { cwd })
    await segno(`signal ${subIn(waiting)} go --data "now"`, { cwd })
    const { code, stdout, stderr } = await segno(`resume ${subIn(waiting)}`, { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'got: now\n' })
    expect(stderr).toMatch(/✓ sub_\w+ completed in .*✓ run_\w+ completed in /s)
    expect((await standing(cwd)).toSorted()).toEqual(['asks completed', 'waits completed'])
  })

  test('goes on with it also where several are taken up', async ({ expect }) => {
    const cwd = folder()
    await segno('run asks.segno.yaml', { cwd })
    await segno('run asks.segno.yaml', { cwd })
    const subs = (await runsOf(cwd, '--workflow waits')).map(({ runId }) => runId)
    for (const sub of subs) await segno(`signal ${sub} go --data "now"`, { cwd })
    const { code, stderr } = await segno(`resume ${subs.join(' ')}`, { cwd })
    expect(code).toBe(0)
    expect(stderr.match(/✓ run_\w+ completed in /g)).toHaveLength(2)
  })

  test('is cancelled with them', async ({ expect }) => {
    const cwd = folder()
    await segno('run asks.segno.yaml', { cwd })
    const { code } = await segno('cancel @last', { cwd })
    expect({ code, standing: await standing(cwd), ledger: ledgerIn(cwd) }).toEqual({
      ...{ code: 0, standing: expect.arrayContaining(['waits cancelled', 'asks cancelled']) as string[] },
      ledger: 'tidy\n',
    })
  })

  test('does not wait for one that is detached, and says how that goes on', async ({ expect }) => {
    const cwd = folder()
    const { code, stderr } = await segno('run detached.segno.yaml', { cwd })
    const sub = subIn({ code, stdout: '', stderr })
    expect(code).toBe(0)
    expect(stderr).toContain(`go on with what it started  segno resume ${sub}\n`)
  })

  test('hands its labels and its place on, and is told with each of them', async ({ expect }) => {
    const cwd = folder()
    const waiting = await segno('run asks.segno.yaml --label team=ops', { cwd })
    const parent = runIdIn(waiting)
    expect(await runsOf(cwd, '--parent @last')).toMatchObject([
      { runId: subIn(waiting), workflow: 'waits', labels: { team: 'ops' }, parent: { runId: parent, path: 'sub' } },
    ])
    expect((await segno('runs', { cwd })).stdout).toMatch(new RegExp(`waiting +sub_\\w+ .* ← of ${parent} at sub\\n`))
    const shown = await segno(`show ${subIn(waiting)}`, { cwd: folder({}), env: {} })
    expect(shown.code).toBe(8)
    expect((await segno(`show ${subIn(waiting)}`, { cwd })).stdout).toContain(`parent   ${parent} at sub\n`)
  })

  test('keeps those that have ended from being deleted until it has', async ({ expect }) => {
    const cwd = folder()
    await segno('run open.segno.yaml', { cwd })
    expect(await standing(cwd)).toEqual(expect.arrayContaining(['noted completed', 'open waiting']))
    expect((await segno('gc --keep 0', { cwd })).stdout).toBe('')
    await segno('signal @last go', { cwd })
    await segno('resume @last', { cwd })
    expect((await segno('gc --keep 1', { cwd })).stdout).toBe('')
    const { stdout } = await segno('gc --keep 0', { cwd })
    expect(stdout.match(/completed/g)).toHaveLength(2)
  })
})
