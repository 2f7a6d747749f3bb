import { execFileSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JsonObject } from 'segno'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderOf, loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone, type Played } from '../play.ts'

const workflow = loadNamed('ci-matrix')

let workspace: string
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'ci-'))
  for (const folder of ['ci', 'src'])
    await cp(join(folderOf('ci-matrix'), folder), join(workspace, folder), { recursive: true })
})
afterEach(() => rm(workspace, { recursive: true }))

function built(input: JsonObject = {}): Promise<Played> {
  return play(workflow, { input, workspace })
}

const out = (...path: string[]): string => join(workspace, 'out', ...path)

test('a project that passes everywhere is packed, and leaves a report of each cell', async () => {
  const { output, events } = await built({ versions: ['22', '24'], systems: ['linux', 'macos'] })
  expect(output).toEqual({ package: 'out/package.tar.gz', summary: 'out/summary.md' })
  expect((await readdir(out('reports'))).toSorted()).toEqual([
    ...['22-linux.txt', '22-macos.txt', '24-linux.txt', '24-macos.txt'],
  ])
  expect(await readFile(out('summary.md'), 'utf8')).toBe(
    ['# run_1', '', 'Built: out/dist/greeting.js', '']
      .concat(['22 linux', '22 macos', '24 linux', '24 macos'].map((cell) => `- [x] ${cell}`))
      .join('\n') + '\n',
  )
  const packed = execFileSync('tar', ['-tzf', out('package.tar.gz')], { encoding: 'utf8' })
  expect(packed.split('\n')).toContain('dist/greeting.js')
  const done = workDone(events)
  expect(done.indexOf('pipeline/build')).toBeLessThan(done.indexOf('pipeline/tests[0]/test'))
  expect(done.slice(-2)).toEqual(['pipeline/package', 'pipeline/summary'])
})

test('tests run as many at a time as they may, beside the lint', async () => {
  const { events } = await built({ versions: ['20', '22', '24'], together: 3 })
  const running = new Set<string>()
  let together = 0
  for (const event of events) {
    if (event.type === 'iteration.started' && event.path === 'pipeline/tests') running.add(`${event.index}`)
    if (event.type === 'iteration.completed' && event.path === 'pipeline/tests') running.delete(`${event.index}`)
    together = Math.max(together, running.size)
  }
  expect(together).toBe(3)
  const begun = eventsOf(events, 'attempt.started').map(({ path }) => path)
  expect(begun.slice(0, 2)).toEqual(['pipeline/lint', 'pipeline/build'])
})

test('cells that fail stop no other, are told of, and keep the package back', async () => {
  await writeFile(join(workspace, 'src', 'modern.js'), '// needs 22\n')
  const { failure, events } = await built()
  expect(failure).toMatchObject({ code: 'ASSERTION_FAILED', message: 'Failed: 20 linux, 20 macos' })
  expect(await readFile(out('reports', '20-macos.txt'), 'utf8')).toBe('needs version 22, macos has 20\n')
  expect(await readdir(out('reports'))).toHaveLength(6)
  expect(await readFile(out('summary.md'), 'utf8')).toContain('- [ ] 20 linux, see reports/20-linux.txt\n')
  expect(eventsOf(events, 'step.skipped')).toMatchObject([{ path: 'pipeline/package', because: { code: 'CONDITION' } }])
})

test('a lint that fails stops the tests that are under way', async () => {
  await mkdir(out(), { recursive: true })
  execFileSync('sh', ['-c', 'mkfifo "$0"', out('begun')])
  // The lint ends once the first test is at work, which then never ends by itself.
  await writeFile(join(workspace, 'ci/lint.sh'), 'read -r ready <out/begun && exit 1\n')
  const endless = ["trap 'echo stopped >out/end && exit 1' TERM", 'echo ready >out/begun', 'sleep 600 & wait']
  await writeFile(join(workspace, 'ci/test.sh'), endless.join('\n'))
  const { failure, events } = await built({ versions: ['24'], systems: ['linux'] })
  expect(failure).toMatchObject({ code: 'EXIT_CODE', details: { exitCode: 1 } })
  expect(eventsOf(events, 'step.cancelled').map(({ path }) => path)).toEqual([
    ...['pipeline/tests[0]/test', 'pipeline/tests'],
  ])
  expect(await readFile(out('end'), 'utf8')).toBe('stopped\n')
})

test('a build that fails keeps everything from being tested', async () => {
  await rm(join(workspace, 'src'), { recursive: true })
  await mkdir(join(workspace, 'src'))
  const { failure, events } = await built()
  expect(failure).toMatchObject({ code: 'EXIT_CODE' })
  expect(eventsOf(events, 'attempt.started').some(({ path }) => path.includes('tests'))).toBe(false)
})
