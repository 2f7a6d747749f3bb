import { execFile } from 'node:child_process'
import { appendFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderOf, loadNamed } from '../load-named.ts'
import { play, workDone } from '../play.ts'

const workflow = loadNamed('pipeline')
const command = join(import.meta.dirname, '../../../packages/cli/src/main.ts')
const readme = await readFile(join(folderOf('pipeline'), 'README.md'), 'utf8')
const [told = '', toldUndone = ''] = [...readme.matchAll(/```text\n(.*?)```/gs)].map(([, text]) => text)

let workspace: string
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'pipeline-'))
  for (const name of ['site', 'scripts', 'pipeline.segno.yaml'])
    await cp(join(folderOf('pipeline'), name), join(workspace, name), { recursive: true })
})
afterEach(() => rm(workspace, { recursive: true }))

/** `segno run`, and what it prints of its progress. */
function segnoRun(): Promise<{ readonly code: number; readonly stderr: string }> {
  const argv = ['--conditions=@segno/source', command, 'run', 'pipeline.segno.yaml', '--ui', 'plain', '--no-color']
  return new Promise((resolve) => {
    execFile(process.execPath, [...argv, '--cwd', workspace], (error, _stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stderr })
    })
  })
}

/** Lines without what differs from run to run. Checks that run at the same time end in any order. */
function lines(text: string): string[] {
  const same = text
    .replace(/^\d\d:\d\d:\d\d\.\d+/gm, 'TIME')
    .replace(/\b[\d.]+m?s\b/g, 'TOOK')
    .replace(/run_\w+/g, 'RUN')
  return same
    .split('\n')
    .filter((line) => line !== '')
    .toSorted()
}

function live(): Promise<string> {
  return readFile(join(workspace, 'out/live'), 'utf8')
}

describe('segno run', () => {
  test('prints the five phases as the page says, and leaves the site live', async () => {
    const { code, stderr } = await segnoRun()
    expect([code, lines(stderr)]).toEqual([0, lines(told)])
    expect(await live()).toMatch(/^run_/)
    expect(await readdir(join(workspace, 'out', await live()))).toEqual(['about.html', 'index.html'])
  })

  test('prints as the page says that a deployment is taken back which does not work', async () => {
    await play(workflow, { workspace })
    await appendFile(join(workspace, 'site/about.md'), 'TODO\n')
    const { code, stderr } = await segnoRun()
    const [progress = ''] = stderr.split('\n\n')
    expect([code, lines(progress)]).toEqual([1, expect.arrayContaining(lines(toldUndone))])
    expect(stderr).toContain('│ about.html is not done')
    expect(await live()).toBe('run_1')
  })
})

describe('what is wrong with a page', () => {
  test('is found by the phase whose business it is, and nothing is deployed', async () => {
    await appendFile(join(workspace, 'site/index.md'), 'See [nothing](nothing.md).\n')
    const { failure, events } = await play(workflow, { workspace })
    expect(failure).toMatchObject({ code: 'EXIT_CODE', details: { stderrTail: 'index.html fails the test of links' } })
    expect(workDone(events).filter((path) => /^(validate|deploy)/.test(path))).toEqual([])
  })

  test('leaves nothing to take back where the first deployment fails', async () => {
    await appendFile(join(workspace, 'site/about.md'), 'TODO\n')
    const { failure } = await play(workflow, { workspace })
    expect(failure).toMatchObject({ code: 'EXIT_CODE' })
    expect(await live()).toBe('none')
  })
})
