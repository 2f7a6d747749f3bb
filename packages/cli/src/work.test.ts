import { describe, test } from 'vitest'
import { caseFolders } from './case-folders.fixture.ts'
import { ledgerConfig, ledgerIn } from './ledger.fixture.ts'
import { segno, startSegno } from './process.fixture.ts'

const files: Readonly<Record<string, string>> = {
  'segno.config.mjs': ledgerConfig,
  'note.segno.yaml': `
segno: 1
name: note
input: { text: { type: string } }
steps: [{ id: note, uses: note, with: { text: '\${{ input.text }}' } }]
`,
  'hang.segno.yaml': 'segno: 1\nname: hang\nsteps: [{ id: hang, uses: hang }]\n',
  'wrong.segno.yaml': 'segno: 1\nname: wrong\nsteps: [{ id: a, uses: note, needs: [b] }]\n',
}

const folder = caseFolders('work', files)

describe.concurrent('segno work', { timeout: 120_000 }, () => {
  test('takes runs that were left to it, and gives back what it has when it is told to stop', async ({ expect }) => {
    const cwd = folder()
    const left = await segno('run note.segno.yaml --detach -i text=one', { cwd })
    expect(left).toMatchObject({ code: 0, stdout: expect.stringMatching(/^run_\w+\n$/) as unknown })
    const noted = left.stdout.trim()
    expect((await segno('runs', { cwd })).stdout).toContain('queued')
    const hanging = JSON.parse((await segno('run hang.segno.yaml --detach -o json', { cwd })).stdout) as object
    const { runId: hung } = hanging as { runId: string }
    const working = startSegno('work', { cwd })
    await working.printed(`${noted}  completed\n`)
    await working.printed(`${hung}  taken\n`)
    working.child.kill('SIGTERM')
    const { code, stderr } = await working.ended
    expect(code).toBe(143)
    expect(stderr).toMatch(/^works for \.segno; Ctrl-C stops it\nstopping: /)
    expect(ledgerIn(cwd).split('\n').toSorted()).toEqual(['', 'hang', 'one'])
    // Given back, not crashed.
    const { stdout } = await segno('runs -o json', { cwd })
    const { runs } = JSON.parse(stdout) as { runs: readonly { runId: string; status: string; crashed?: boolean }[] }
    expect(runs.find(({ runId }) => runId === hung)).toMatchObject({ status: 'running' })
  })

  test('takes only what it is for, prints events as lines of JSON, and stops by Ctrl-C', async ({ expect }) => {
    const cwd = folder()
    const detach = async (words: string): Promise<string> =>
      (await segno(`run note.segno.yaml --detach ${words}`, { cwd })).stdout.trim()
    const [other, mine] = [await detach('-i text=other'), await detach('-i text=mine --label team=ops')]
    await segno('run hang.segno.yaml --detach --label team=ops', { cwd })
    const words = 'work --concurrency 3 --label team=ops --workflow note.segno.yaml --ui ndjson'
    const working = startSegno(words, { cwd })
    await working.printed('"run.completed"')
    working.child.kill('SIGINT')
    const { code, stdout } = await working.ended
    expect(code).toBe(130)
    const events = stdout.trim().split('\n')
    const runs = new Set(events.map((line) => (JSON.parse(line) as { runId: string }).runId))
    expect([...runs]).toEqual([mine])
    expect((await segno(`show ${other}`, { cwd })).stdout).toContain('1 not started')
    expect(ledgerIn(cwd)).toBe('mine\n')
  })

  test.for([
    ['work --concurrency 0', 2, '--concurrency 0'],
    ['work --store memory', 2, 'no store that others share'],
    ['work --workflow wrong.segno.yaml', 3, 'MISPLACED_NEEDS'],
    ['run note.segno.yaml -i text=x --detach --store memory', 2, 'gone with this process'],
    ['run note.segno.yaml -i text=x --detach --timeout 1m', 2, '--timeout'],
  ] as const)('refuses `segno %s`', async ([words, code, told], { expect }) => {
    const ended = await segno(words, { cwd: folder() })
    expect(ended.code).toBe(code)
    expect(ended.stderr).toContain(told)
  })
})
