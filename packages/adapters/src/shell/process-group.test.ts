import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { identityOf, isDead } from '../process/process-identity.ts'
import { writeRecord } from './attempt-record.ts'
import { aliveOf, appears, bench, runName, sh, until } from './shell.fixture.ts'
import type { Bench } from './shell.fixture.ts'

const code = (name: string): Error => Object.assign(new Error('stop'), { code: name })

describe('a process that is told to stop', () => {
  test('gets SIGTERM, and has time to clean up', async () => {
    const { run, workspace } = bench()
    const controller = new AbortController()
    const script = `trap 'touch cleaned; exit 0' TERM; touch ready; while :; do sleep 0.02; done`
    const running = run(sh(script), { signal: controller.signal })
    await appears(join(workspace, 'ready'))
    controller.abort(code('CANCELLED'))
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(existsSync(join(workspace, 'cleaned'))).toBe(true)
  })

  test('is killed with all that it started where it ignores that', async () => {
    const { run, workspace } = bench({ graceMs: 100 })
    const [controller, runId] = [new AbortController(), runName()]
    const script = `trap '' TERM; (while :; do sleep 0.1; done) & touch ready; while :; do sleep 0.1; done`
    const running = run(sh(script), { signal: controller.signal, runId })
    await appears(join(workspace, 'ready'))
    expect(aliveOf(runId).length).toBeGreaterThanOrEqual(2)
    controller.abort(code('TIMED_OUT'))
    await expect(running).rejects.toMatchObject({ code: 'TIMED_OUT' })
    expect(aliveOf(runId)).toEqual([])
  })

  test('leaves what it runs the time to clean up, though a shell ends at once', async () => {
    const { run, workspace } = bench()
    const controller = new AbortController()
    const inner = `trap 'sleep 0.1; touch cleaned; exit 0' TERM; touch ready; while :; do sleep 0.02; done`
    const running = run(sh(`sh -c "${inner}"; true`), { signal: controller.signal })
    await appears(join(workspace, 'ready'))
    controller.abort(code('CANCELLED'))
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(existsSync(join(workspace, 'cleaned'))).toBe(true)
  })

  test('ends also where it stands still', async () => {
    const { run, workspace } = bench()
    const [controller, runId] = [new AbortController(), runName()]
    const running = run(sh('touch ready; kill -s STOP $$'), { signal: controller.signal, runId })
    await appears(join(workspace, 'ready'))
    controller.abort(code('CANCELLED'))
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(aliveOf(runId)).toEqual([])
  })

  test('before it began is not started', async () => {
    const { run, workspace } = bench()
    const signal = AbortSignal.abort(code('STOPPING'))
    await expect(run(sh('touch made'), { signal })).rejects.toMatchObject({ code: 'STOPPING' })
    expect(existsSync(join(workspace, 'made'))).toBe(false)
  })
})

describe('a process that ends', () => {
  test('takes with it what it left running, and the log says so', async () => {
    const { run, logged } = bench()
    const runId = runName()
    expect(await run(sh('sleep 600 >/dev/null 2>&1 & exit 0'), { runId })).toEqual({ exitCode: 0 })
    expect(aliveOf(runId)).toEqual([])
    expect(logged).toEqual([expect.stringMatching(/^killed what the command had left running: \d+ \(\w+\)$/)])
  })

  test('takes with it also those that hold its output open', async () => {
    const { run } = bench()
    const runId = runName()
    const output = { from: 'stdout', maxBytes: 100 } as const
    expect(await run({ ...sh('sleep 600 & echo done'), output }, { runId })).toMatchObject({
      exitCode: 0,
      output: 'done',
    })
    expect(aliveOf(runId)).toEqual([])
  })

  test('is not waited for any longer where one outside of its group holds its output open', async () => {
    const { run, workspace } = bench()
    const script = `setsid sh -c 'echo $$ > escaped; exec sleep 600' & while [ ! -s escaped ]; do sleep 0.01; done; echo done`
    const output = { from: 'stdout', maxBytes: 100 } as const
    expect(await run({ ...sh(script), output })).toMatchObject({ exitCode: 0, output: 'done' })
    process.kill(Number(readFileSync(join(workspace, 'escaped'), 'utf8')), 'SIGKILL')
  })

  test('is waited for also when it has closed its output long before', async () => {
    const { run, workspace } = bench()
    const script = `exec >&- 2>&-; while [ ! -e go ]; do sleep 0.01; done; touch late`
    const running = run(sh(`touch ready; ${script}`))
    await appears(join(workspace, 'ready'))
    writeFileSync(join(workspace, 'go'), '')
    expect(await running).toEqual({ exitCode: 0 })
    expect(existsSync(join(workspace, 'late'))).toBe(true)
  })

  test('has the descriptors of any other child, and none of ours', async () => {
    const { run } = bench()
    const argv = ['ls', '/proc/self/fd'] as const
    const { stdout } = spawnSync(argv[0], argv.slice(1), { encoding: 'utf8' })
    expect(await run({ program: { argv }, output: { from: 'stdout', maxBytes: 1000 } })).toMatchObject({
      output: stdout.trimEnd(),
    })
  })
})

const host = fileURLToPath(new URL('host.fixture.ts', import.meta.url))
const grandchildren = `trap '' TERM HUP INT
sh -c "trap '' TERM HUP INT; while :; do sleep 0.1; done" &
(sleep 600 >/dev/null 2>&1 &)
touch ready
while :; do sleep 0.1; done`

/** A host of its own, whose command has begun. */
async function startHost({ workspace }: Bench, runId: string, script: string): Promise<number> {
  const argv = ['--conditions=@segno/source', host, workspace, runId, script]
  const child = spawn(process.execPath, argv, { stdio: 'ignore' })
  onTestFinished(() => {
    child.kill('SIGKILL')
    for (const left of aliveOf(runId)) process.kill(left, 'SIGKILL')
  })
  await appears(join(workspace, 'ready'))
  return child.pid ?? 0
}

function watchdogOf(pid: number): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  return children.map(Number).find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('groups='))
}

/** Gives the number of the watchdog that was killed. */
function killWatchdogOf(pid: number): number {
  const watchdog = watchdogOf(pid)
  if (watchdog === undefined) throw new Error('the host has no watchdog')
  process.kill(watchdog, 'SIGKILL')
  return watchdog
}

describe('a host that is killed with SIGKILL', { timeout: 30_000 }, () => {
  test('leaves no process behind', async () => {
    const [world, runId] = [bench(), runName()]
    const pid = await startHost(world, runId, grandchildren)
    expect(aliveOf(runId).length).toBeGreaterThanOrEqual(3)
    process.kill(pid, 'SIGKILL')
    await until(() => aliveOf(runId).length === 0, 'the end of all processes')
  })

  test('leaves no process behind also after its watchdog was killed', async () => {
    const [world, runId] = [bench(), runName()]
    const pid = await startHost(world, runId, grandchildren)
    const first = killWatchdogOf(pid)
    await until(() => ![undefined, first].includes(watchdogOf(pid)), 'another watchdog')
    process.kill(pid, 'SIGKILL')
    await until(() => aliveOf(runId).length === 0, 'the end of all processes')
  })

  test('together with its watchdog leaves processes that the next attempt ends first', async () => {
    const [world, runId] = [bench(), runName()]
    const pid = await startHost(world, runId, grandchildren)
    const identity = identityOf(pid)
    // It cannot start another one while it stands still.
    process.kill(pid, 'SIGSTOP')
    killWatchdogOf(pid)
    process.kill(pid, 'SIGKILL')
    await until(() => isDead(identity), 'the end of the host')
    const left = aliveOf(runId)
    expect(left.length).toBeGreaterThanOrEqual(3)
    await world.run(sh('true'), { runId, attempt: 2 })
    expect(aliveOf(runId)).toEqual([])
    expect(world.logged).toEqual([expect.stringMatching(/^killed what attempt 1 had left alive: \d+ \(sh\), \d+/)])
  })
})

describe('what an earlier attempt left', () => {
  const startedAt = new Date(0).toISOString()

  async function leave(world: Bench, runId: string, script: string, change: object = {}): Promise<number> {
    const env = { PATH: process.env['PATH'], SEGNO_RUN_ID: runId, SEGNO_STEP: 'step' }
    const child = spawn('sh', ['-c', script], { cwd: world.workspace, detached: true, stdio: 'ignore', env })
    const pid = child.pid ?? 0
    onTestFinished(() => {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // It has been ended.
      }
    })
    await appears(join(world.workspace, 'ready'))
    const folder = world.evidence.folder(runId, 'step', 1)
    mkdirSync(folder, { recursive: true })
    const identity = { ...identityOf(pid), ...change }
    await writeRecord(folder, { identity, argv: [], cwd: world.workspace, env: [], startedAt })
    return pid
  }

  test('is ended before the next one begins', async () => {
    const [world, runId] = [bench(), runName()]
    await leave(world, runId, 'touch ready; sleep 600')
    await world.run(sh('true'), { runId, attempt: 4 })
    expect(aliveOf(runId)).toEqual([])
  })

  test('is ended also where only its children are left', async () => {
    const [world, runId] = [bench(), runName()]
    const pid = await leave(world, runId, 'sleep 600 & touch ready; while :; do sleep 0.1; done')
    process.kill(pid, 'SIGKILL')
    await until(() => !aliveOf(runId).includes(pid), 'the end of the leader')
    expect(aliveOf(runId)).not.toEqual([])
    await world.run(sh('true'), { runId, attempt: 2 })
    expect(aliveOf(runId)).toEqual([])
  })

  test.for([
    ['has the number of a process that began at another time', { startTime: '1' }],
    ['was on another host', { host: 'elsewhere' }],
    ['was before the host was started again', { boot: 'other' }],
    ['was in another container', { namespace: 'pid:[1]' }],
  ] as const)('is left alone where it %s', async ([, change]) => {
    const [world, runId] = [bench(), runName()]
    const pid = await leave(world, runId, 'touch ready; exec sleep 600', change)
    await world.run(sh('true'), { runId, attempt: 2 })
    expect(aliveOf(runId)).toEqual([pid])
  })

  test('is left alone where the number of its group is another one’s by now', async () => {
    const [world, runId, other] = [bench(), runName(), runName()]
    const pid = await leave(world, other, 'sleep 600 & touch ready; while :; do sleep 0.1; done')
    const folder = world.evidence.folder(runId, 'step', 1)
    mkdirSync(folder, { recursive: true })
    await writeRecord(folder, { identity: identityOf(pid), argv: [], cwd: '/', env: [], startedAt })
    process.kill(pid, 'SIGKILL')
    await until(() => !aliveOf(other).includes(pid), 'the end of the leader')
    await world.run(sh('true'), { runId, attempt: 2 })
    expect(aliveOf(other)).not.toEqual([])
  })
})
