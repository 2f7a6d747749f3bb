import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { createEngine, fileStorage, loadWorkflow, nodeShell } from 'segno'
import type { Engine, FileStorage, RunEvent, RunResult } from 'segno'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const repository = resolve(import.meta.dirname, '../..')
const yaml = await readFile(join(import.meta.dirname, 'release-check.segno.yaml'), 'utf8')
const { workflow, diagnostics } = loadWorkflow(yaml, { handlers: ['exec', 'run'] })
if (workflow === undefined) throw new Error(JSON.stringify(diagnostics))
const releaseCheck = workflow

// A repository that is laid out like this one, and takes no time to check.
const files = {
  'package.json': manifest({ name: 'root', private: true, workspaces: ['packages/*'] }),
  'packages/cli/package.json': manifest({ name: 'segno', version: '1.2.3' }),
  'packages/schema/package.json': manifest({ name: '@segno/schema', version: '1.2.3' }),
  'packages/schema/scripts/json-schemas.ts': "export const jsonSchemaFiles = () => ({ 'event.schema.json': '{}' })\n",
  'packages/schema/json/event.schema.json': '{}',
  'packages/cli/dist/main.js': '',
  'packages/schema/dist/index.js': '',
  'examples/hello.ts': 'export const hello = 1;\n',
  'tsconfig.kernel.json': '{ "files": ["examples/hello.ts"] }\n',
  '.oxlintrc.json': '{ "categories": { "correctness": "error" } }\n',
  '.changeset/first.md': 'The first release.\n',
  '.gitignore': 'node_modules\ndist/\nexamples/release-check/out/\n',
}

const checks = [
  'everything is committed',
  'all packages have one version',
  'a changeset tells what is new',
  'no file holds a secret',
  'published schemas are up to date',
  'every package is built',
  'no package is too large',
  'files are formatted',
  'types are right',
  'lint finds nothing',
]

let root: string
let workspace: string
let storage: FileStorage
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'release-check-'))
  workspace = join(root, 'workspace')
  storage = fileStorage({ dir: join(root, 'store') })
})
afterEach(async () => {
  await storage.close()
  await rm(root, { recursive: true })
})

function engineIn(folder: string): Engine {
  return createEngine({ storage, shell: nodeShell({ workspace: folder, evidence: storage.evidence }) })
}

function manifest(content: object): string {
  return `${JSON.stringify(content, null, 2)}\n`
}

async function write(name: string, text: string): Promise<void> {
  await mkdir(join(workspace, name, '..'), { recursive: true })
  await writeFile(join(workspace, name), text)
}

async function git(folder: string, ...argv: string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  const { stdout } = await promisify(execFile)('git', [...author, ...argv], { cwd: folder, env })
  return stdout.trim()
}

async function commitAll(): Promise<void> {
  await git(workspace, 'add', '--all')
  await git(workspace, 'commit', '--quiet', '--message', 'Everything')
}

async function makeRepository(): Promise<void> {
  for (const [name, text] of Object.entries(files)) await write(name, text)
  await symlink(join(repository, 'node_modules'), join(workspace, 'node_modules'))
  await git(workspace, 'init', '--quiet')
  await commitAll()
}

function completed(result: RunResult): Record<string, unknown> {
  if (result.status !== 'completed') throw new Error(JSON.stringify(result))
  return { ...result.output }
}

async function eventsOf(engine: Engine, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of engine.run(runId).events()) events.push(event)
  return events
}

/** The steps inside `checks` that have started in a journal, in order, and how many of them ran at a time. */
function startsIn(events: readonly RunEvent[]): { paths: string[]; together: number } {
  const paths: string[] = []
  const running = new Set<string>()
  let together = 0
  for (const event of events) {
    if (event.type === 'attempt.started') {
      paths.push(event.path)
      running.add(event.path)
      together = Math.max(together, running.size)
    } else if (event.type === 'step.completed' || event.type === 'step.failed') running.delete(event.path)
  }
  return { paths, together }
}

// Compilers and linters take their time where the machine has other things to do.
const slow = { timeout: 240_000 }

describe('a repository that is ready', slow, () => {
  test('is said to be, with its commit and version, in the output and in the report', async () => {
    await makeRepository()
    await using engine = engineIn(workspace)
    const run = await engine.start(releaseCheck, { lint: 'examples', enforce: true }, { id: 'run_1' })
    const commit = await git(workspace, 'rev-parse', 'HEAD')
    const report = 'examples/release-check/out/run_1.md'
    expect(completed(await run.result())).toEqual({ ready: true, commit, version: '1.2.3', problems: [], report })
    expect(await readFile(join(workspace, report), 'utf8')).toBe(
      `# Release check of 1.2.3\n\nCommit ${commit}, run run_1.\n\n${checks.map((name) => `- [x] ${name}\n`).join('')}`,
    )
  })
})

describe('a repository that is not ready', slow, () => {
  beforeEach(async () => {
    await makeRepository()
    await write('packages/cli/package.json', manifest({ name: 'segno', version: '1.3.0' }))
    await write('packages/schema/json/event.schema.json', '{ "old": true }')
    await write('examples/hello.ts', 'export const hello: string = 1; debugger\n')
    await write('examples/keys.txt', `-----BEGIN ${'PRIVATE KEY'}-----\n`)
    await rm(join(workspace, '.changeset'), { recursive: true })
    await commitAll()
    await write('untracked', '')
  })

  test('completes with every problem, none of which stops another check', async () => {
    await using engine = engineIn(workspace)
    const run = await engine.start(releaseCheck, { lint: 'examples', tarballMax: 10 }, { id: 'run_1' })
    const { ready, problems, report } = completed(await run.result())
    expect([ready, problems]).toEqual([
      false,
      [
        'everything is committed: 1 changes are not',
        'all packages have one version: @segno/schema@1.2.3, segno@1.3.0',
        'a changeset tells what is new: there is none in .changeset',
        'no file holds a secret: examples/keys.txt',
        'published schemas are up to date: event.schema.json',
        'no package is too large: one has more than 10 bytes',
        'files are formatted: see segno logs run_1 checks/format',
        'types are right: see segno logs run_1 checks/types',
        'lint finds nothing: see segno logs run_1 checks/lint',
      ],
    ])
    const text = await readFile(join(workspace, String(report)), 'utf8')
    expect(text.match(/^- \[x\] .*$/gm)).toEqual(['- [x] every package is built'])
    const said = await readFile(join(storage.evidence.folder('run_1', 'checks/types', 1), 'stdout.log'), 'utf8')
    expect(said).toContain("examples/hello.ts(1,14): error TS2322: Type 'number' is not assignable to type 'string'.")
  })

  test('fails the run that is told to enforce it, and packages that are not built are not weighed', async () => {
    await rm(join(workspace, 'packages/cli/dist'), { recursive: true })
    await using engine = engineIn(workspace)
    const run = await engine.start(releaseCheck, { lint: 'examples', tarballMax: 10, enforce: true })
    const result = await run.result()
    expect(result).toMatchObject({ status: 'failed', failure: { code: 'ASSERTION_FAILED' } })
    const message = result.status === 'failed' ? result.failure.message : ''
    expect(message).toMatch(
      /^Not to be released: everything is committed: .*; every package is built: packages\/cli\/;/,
    )
    expect(message).not.toContain('too large')
    const skipped = (await eventsOf(engine, run.id)).filter(({ type }) => type === 'step.skipped')
    expect(skipped).toMatchObject([{ path: 'checks/tarballs', because: { code: 'CONDITION' } }])
    expect(await readdir(join(workspace, 'examples/release-check/out'))).toEqual([`${run.id}.md`])
  })
})

test('a folder that is no repository fails the run', async () => {
  await write('package.json', '{}')
  await using engine = engineIn(workspace)
  const run = await engine.start(releaseCheck)
  expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE' } })
  expect(existsSync(join(workspace, 'examples'))).toBe(false)
})

// An archive of the sources has no commit to look at.
test.skipIf(!existsSync(join(repository, '.git')))(
  'this very repository is checked, two commands at a time, each of which leaves what it printed',
  slow,
  async () => {
    const out = 'examples/release-check/out/test'
    try {
      await using engine = engineIn(repository)
      const run = await engine.start(releaseCheck, { out }, { id: 'run_1' })
      const { ready, commit, problems, report } = completed(await run.result())
      expect(commit).toMatch(/^[0-9a-f]{40}/)
      expect(ready).toBe((problems as string[]).length === 0)
      const text = await readFile(join(repository, String(report)), 'utf8')
      expect(text.match(/(?<=^- \[.\] )[^:\n]*/gm)).toEqual(checks)

      const { paths, together } = startsIn(await eventsOf(engine, 'run_1'))
      expect(together).toBe(2)
      expect(paths.at(-1)).toBe('checks/report')
      for (const path of paths) {
        const record = await readFile(join(storage.evidence.folder('run_1', path, 1), 'process.json'), 'utf8')
        expect(JSON.parse(record)).toMatchObject({ cwd: repository, endedAt: expect.any(String) })
      }
    } finally {
      await rm(join(repository, out), { recursive: true, force: true })
    }
  },
)
