import { spawn } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, watch, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFiles } from '@segno/adapters/files'
import { createEngine, environmentSecrets, fileStorage, loadWorkflow, nodeShell } from 'segno'
import type { Engine, FileStorage, NodeShellOptions, RunEvent, RunResult, Workflow } from 'segno'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const passphrase = 'correct horse battery staple'
const files = {
  'letters/first.txt': 'Dear Ada,\n',
  'letters/a name with spaces.txt': '',
  'letters/older/$(id).txt': 'not a command\n',
}

const backup = await workflowIn('backup.segno.yaml')
const restore = await workflowIn('restore.segno.yaml')

// Workspace and store are folders below this one.
let root: string
let workspace: string
let storage: FileStorage
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'backup-'))
  workspace = join(root, 'workspace')
  storage = fileStorage({ dir: join(root, 'store') })
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(workspace, name, '..'), { recursive: true })
    await writeFile(join(workspace, name), text)
  }
})
afterEach(async () => {
  await storage.close()
  await rm(root, { recursive: true })
})

async function workflowIn(file: string): Promise<Workflow> {
  const text = await readFile(join(import.meta.dirname, file), 'utf8')
  const { workflow, diagnostics } = loadWorkflow(text, { handlers: ['exec', 'run'] })
  expect(diagnostics).toEqual([])
  if (workflow === undefined) throw new Error(`${file} gives no workflow`)
  return workflow
}

interface Host {
  readonly env?: Readonly<Record<string, string>>
  readonly allow?: NonNullable<NodeShellOptions['allow']>
}

function engineWith({ env = { BACKUP_PASSPHRASE: passphrase }, allow = () => true }: Host = {}): Engine {
  return createEngine({
    storage,
    files: nodeFiles({ root: workspace }),
    shell: nodeShell({ workspace, evidence: storage.evidence, allow }),
    secrets: environmentSecrets({ env }),
  })
}

function completed(result: RunResult): Record<string, unknown> {
  if (result.status !== 'completed') throw new Error(JSON.stringify(result))
  return { ...result.output }
}

async function backedUp(engine: Engine, keep = 3): Promise<Record<string, unknown>> {
  const run = await engine.start(backup, { source: 'letters', target: 'archives', keep })
  return completed(await run.result())
}

async function namesIn(...folder: string[]): Promise<string[]> {
  return (await readdir(join(workspace, ...folder))).toSorted()
}

/** What is in the files below a folder, by their paths. */
async function contents(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const texts = await Promise.all(
    paths.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'latin1')] as const),
  )
  return Object.fromEntries(texts)
}

async function eventsOf(engine: Engine, runId: string): Promise<RunEvent[]> {
  const events: RunEvent[] = []
  for await (const event of engine.run(runId).events()) events.push(event)
  return events
}

describe('a backup', () => {
  test('can be restored to what was there', async () => {
    await using engine = engineWith()
    const { archive } = await backedUp(engine)
    const run = await engine.start(restore, { archive: String(archive) })
    expect(completed(await run.result())).toEqual({ entries: 5 })
    expect(await contents(join(workspace, 'restored'))).toEqual(files)
  })

  test('gives the path, size and checksum of its archive, and leaves nothing else', async () => {
    await using engine = engineWith()
    const { archive, bytes, sha256, deleted } = await backedUp(engine)
    const content = await readFile(join(workspace, String(archive)))
    const digest = await crypto.subtle.digest('SHA-256', content)
    expect(archive).toMatch(/^archives\/\d{4}-\d\d-\d\dT\d{6}(\.\d+)?Z-run_\w+\.tar\.gz\.enc$/)
    expect([bytes, sha256, deleted]).toEqual([content.length, Buffer.from(digest).toString('hex'), []])
    expect(await namesIn('archives')).toEqual([String(archive).replace('archives/', '')])
  })

  test('keeps the newest archives, and deletes the oldest and no other file', async () => {
    await using engine = engineWith()
    await mkdir(join(workspace, 'archives'))
    await writeFile(join(workspace, 'archives', 'notes.txt'), '')
    const archives: unknown[] = []
    const deleted: unknown[] = []
    for (let count = 0; count < 4; count++) {
      const output = await backedUp(engine, 2)
      archives.push(output['archive'])
      deleted.push(output['deleted'])
    }
    expect(deleted).toEqual([[], [], [archives[0]], [archives[1]]])
    const left = archives.slice(2).map((archive) => String(archive).replace('archives/', ''))
    expect(await namesIn('archives')).toEqual([...left, 'notes.txt'])
  })

  test('of the whole workspace does not hold the archives of before', async () => {
    await using engine = engineWith()
    const outputs: Record<string, unknown>[] = []
    for (let count = 0; count < 2; count++) {
      const run = await engine.start(backup, { source: '.', target: 'archives' })
      outputs.push(completed(await run.result()))
    }
    const run = await engine.start(restore, { archive: String(outputs[1]?.['archive']) })
    await run.result()
    expect(await contents(join(workspace, 'restored'))).toEqual(files)
  })

  test('reads a folder again that changed while it was read', async () => {
    let changes = 1
    const allow: Host['allow'] = async ({ path }) => {
      if (path === 'packed/compare' && changes-- > 0)
        await writeFile(join(workspace, 'letters/first.txt'), 'Dear Bob,\n')
      return true
    }
    await using engine = engineWith({ allow })
    const { archive } = await backedUp(engine)
    await (await engine.start(restore, { archive: String(archive) })).result()
    expect(await readFile(join(workspace, 'restored/letters/first.txt'), 'utf8')).toBe('Dear Bob,\n')
  })

  test('whose passphrase is taken away waits for somebody to give it back', async () => {
    const env: Record<string, string> = { BACKUP_PASSPHRASE: passphrase }
    const allow: Host['allow'] = ({ path }) => {
      if (path === 'packed/compare') delete env['BACKUP_PASSPHRASE']
      return true
    }
    await using engine = engineWith({ env, allow })
    const blocked = new Promise((resolve) => engine.on('step.blocked', resolve))
    const run = await engine.start(backup, { source: 'letters', target: 'archives' })
    expect(await blocked).toMatchObject({ path: 'encrypted/encrypt', failure: { code: 'SECRET_MISSING' } })
    env['BACKUP_PASSPHRASE'] = passphrase
    await run.retry()
    completed(await run.result())
  })
})

describe('what a run leaves', () => {
  test('is a script, what it printed, and who ran it, for each attempt', async () => {
    await using engine = engineWith()
    const run = await engine.start(backup, { source: 'letters', target: 'archives' }, { id: 'run_1' })
    completed(await run.result())
    const evidence = storage.evidence.folder('run_1', 'verified', 1)
    const left = await contents(evidence)
    expect(Object.keys(left).toSorted()).toEqual(['process.json', 'script.sh', 'stderr.log', 'stdout.log'])
    expect(left['stdout.log']).toBe('5\n')
    expect(JSON.parse(left['process.json'] ?? '')).toMatchObject({ exitCode: 0, cwd: await realpath(workspace) })
  })

  test('has the passphrase nowhere', async () => {
    await using engine = engineWith()
    await backedUp(engine)
    const all = Object.entries(await contents(root))
    expect(all.map(([path]) => path)).toContainEqual(expect.stringMatching(/^store\/runs\/.*\/journal\/000001\.jsonl$/))
    const forms = [passphrase, Buffer.from(passphrase).toString('base64'), encodeURIComponent(passphrase)]
    expect(all.filter(([, text]) => forms.some((form) => text.includes(form))).map(([path]) => path)).toEqual([])
  })
})

describe('a backup that fails', () => {
  test('because its source is not there has not even started', async () => {
    await using engine = engineWith()
    const started = engine.start(backup, { source: 'nowhere', target: 'archives' })
    await expect(started).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    expect(await namesIn()).toEqual(['letters'])
  })

  test('because its source goes away leaves no temporary folder, and no archive is deleted', async () => {
    await using first = engineWith()
    const { archive } = await backedUp(first, 1)
    const allow: Host['allow'] = async ({ path }) => {
      if (path === 'packed/pack') await rm(join(workspace, 'letters'), { recursive: true, force: true })
      return true
    }
    await using engine = engineWith({ allow })
    const run = await engine.start(backup, { source: 'letters', target: 'archives', keep: 1 })
    expect(await run.result()).toMatchObject({
      status: 'failed',
      failure: {
        code: 'EXIT_CODE',
        details: { exitCode: 2, stderrTail: expect.stringContaining('letters: Cannot stat') },
      },
    })
    const again = (await eventsOf(engine, run.id)).flatMap((event) =>
      event.type === 'attempt.failed' ? [event.path] : [],
    )
    expect(again).toEqual(['packed', 'packed'])
    expect(await namesIn('archives')).toEqual([String(archive).replace('archives/', '')])
  })

  test('because it has no passphrase has not even started', async () => {
    await using engine = engineWith({ env: {} })
    const started = engine.start(backup, { source: 'letters', target: 'archives' })
    await expect(started).rejects.toMatchObject({ code: 'SECRET_MISSING' })
    expect(await namesIn()).toEqual(['letters'])
  })

  test('to be opened with another passphrase unpacks nothing', async () => {
    await using engine = engineWith()
    const { archive } = await backedUp(engine)
    await using other = engineWith({ env: { BACKUP_PASSPHRASE: 'another passphrase' } })
    const run = await other.start(restore, { archive: String(archive) })
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'EXIT_CODE' } })
    expect(await namesIn('restored')).toEqual([])
  })
})

describe('the command', () => {
  const main = join(import.meta.dirname, '../../packages/cli/src/main.ts')
  const file = join(import.meta.dirname, 'backup.segno.yaml')

  function segno(...words: readonly string[]): {
    kill: () => void
    ended: Promise<{ code: unknown; printed: string }>
  } {
    const argv = ['--conditions=@segno/source', main, ...words, '--store', join(root, 'store'), '--ui', 'plain']
    const child = spawn(process.execPath, argv, {
      cwd: workspace,
      env: { PATH: `${root}/bin:${process.env['PATH']}`, TMPDIR: root, BACKUP_PASSPHRASE: passphrase },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let printed = ''
    child.stdout.on('data', (chunk) => (printed += String(chunk)))
    child.stderr.on('data', (chunk) => (printed += String(chunk)))
    return {
      kill: () => child.kill('SIGKILL'),
      ended: new Promise((resolve, reject) => {
        child.on('error', reject)
        child.on('close', (code) => resolve({ code, printed }))
      }),
    }
  }

  const start = ['run', file, '-i', 'source=letters', '-i', 'target=archives']

  test('prints the passphrase nowhere, and keeps it nowhere', async () => {
    const { code, printed } = await segno(...start).ended
    expect([code, printed]).toEqual([0, expect.stringContaining('sha256: ')])
    const kept = Object.values(await contents(root))
    expect([printed, ...kept].filter((text) => text.includes(passphrase))).toEqual([])
  })

  /** A program that hangs when it is called first; its second call is the real one. */
  async function hangOnce(program: string): Promise<{ called: Promise<void> }> {
    const path = join(root, 'bin', program)
    await mkdir(join(root, 'bin'))
    const script = `if mkdir "$TMPDIR/called" 2>&-; then exec sleep 1h; fi\nPATH="\${PATH#*:}" exec ${program} "$@"\n`
    await writeFile(path, `#!/bin/sh\n${script}`)
    await chmod(path, 0o755)
    const called = async (): Promise<void> => {
      for await (const { filename } of watch(root)) if (filename === 'called') return
    }
    return { called: called() }
  }

  test.for([
    ['tar', 'packed/pack'],
    ['ln', 'published'],
  ] as const)('killed while %s works for it, is resumed, and the archive is whole', async ([program, step]) => {
    const { called } = await hangOnce(program)
    const first = segno(...start)
    await called
    first.kill()
    expect((await first.ended).printed).not.toContain('completed')
    const { code, printed } = await segno('resume', '@last').ended
    expect([code, printed]).toEqual([0, expect.stringContaining('sha256: ')])

    await using engine = engineWith()
    const { runs } = await engine.list()
    const events = await eventsOf(engine, String(runs[0]?.runId))
    const startedTwice = events.filter((event) => event.type === 'attempt.started' && event.attempt === 2)
    expect(startedTwice).toMatchObject([{ path: step }])

    const [archive = '', ...others] = await namesIn('archives')
    expect(others).toEqual([])
    const run = await engine.start(restore, { archive: `archives/${archive}` })
    completed(await run.result())
    expect(await contents(join(workspace, 'restored'))).toEqual(files)
  })
})
