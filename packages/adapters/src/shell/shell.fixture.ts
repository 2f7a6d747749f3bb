import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { secretMasker } from '@segno/core'
import type { Command, CommandContext, CommandResult, Evidence } from '@segno/core'
import { onTestFinished } from 'vitest'
import { nodeShell } from './node-shell.ts'
import type { NodeShellOptions } from './node-shell.ts'

/** A workspace of its own, with a shell on it. */
export interface Bench {
  readonly workspace: string
  readonly evidence: Evidence
  /** What was logged. */
  readonly logged: string[]
  run(command: Partial<Command>, context?: Partial<CommandContext>): Promise<CommandResult>
  /** The failure of a command that must fail. */
  failure(command: Partial<Command>, context?: Partial<CommandContext>): Promise<Failed>
  /** A file of an attempt's evidence. */
  left(file: string, path?: string, attempt?: number): string
}

/** A failure as the engine reads it. */
export interface Failed {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
  readonly details: Readonly<Record<string, unknown>>
}

let runs = 0

export function evidenceIn(folder: string): Evidence {
  return { folder: (runId, path, attempt) => join(folder, '.segno', runId, 'steps', path, `attempt-${attempt}`) }
}

/** A new name of a run: processes of it are found by it. */
export function runName(): string {
  return `run-${process.pid}-${Date.now()}-${++runs}`
}

export function contextOf(given: Partial<CommandContext> = {}): CommandContext {
  return {
    runId: runName(),
    path: 'step',
    attempt: 1,
    idempotencyKey: 'key-1',
    signal: new AbortController().signal,
    log: () => undefined,
    masker: secretMasker(),
    ...given,
  }
}

export function bench(options: Partial<NodeShellOptions> = {}): Bench {
  const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'segno-shell-')))
  onTestFinished(() => rmSync(workspace, { recursive: true, force: true }))
  const evidence = evidenceIn(workspace)
  const shell = nodeShell({ workspace, evidence, ...options })
  const runId = runName()
  const logged: string[] = []
  const run: Bench['run'] = (command, context) =>
    shell.run(
      { program: { argv: ['true'] }, env: {}, ...command },
      contextOf({ runId, log: (message) => void logged.push(message), ...context }),
    )
  return {
    workspace,
    evidence,
    logged,
    run,
    async failure(command, context) {
      const result = await run(command, context).catch((error: unknown) => error as Failed)
      if ('exitCode' in result) throw new Error('the command did not fail')
      return result
    },
    left: (file, path = 'step', attempt = 1) => readFileSync(join(evidence.folder(runId, path, attempt), file), 'utf8'),
  }
}

/** A script for `sh`. */
export function sh(script: string): Pick<Command, 'program'> {
  return { program: { script, shell: 'sh' } }
}

/** Waits for what another process is going to do. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not happen within 10 s`)
    await delay(5)
  }
}

export async function appears(path: string): Promise<void> {
  await until(() => existsSync(path), `the file ${path}`)
}

/** The living processes that were started for a run, by the variables that they began with: zombies have none. */
export function aliveOf(runId: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => environmentOf(pid).includes(`SEGNO_RUN_ID=${runId}`))
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}
