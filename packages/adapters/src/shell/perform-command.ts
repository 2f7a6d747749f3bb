import { constants, open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command, CommandContext, CommandResult } from '@segno/core'
import type { Json, JsonObject } from '@segno/schema/plan'
import { identityOf } from '../process/process-identity.ts'
import { writeRecord } from './attempt-record.ts'
import { captureOutput, isPrinted } from './capture.ts'
import { CommandFailure, machineFailure } from './command-failure.ts'
import type { Environment } from './environment.ts'
import { keepOutput } from './output-log.ts'
import type { KeptOutput } from './output-log.ts'
import { OutputTail } from './output-tail.ts'
import { endGroup, startGroup } from './process-group.ts'
import type { Exit, ProcessGroup } from './process-group.ts'
import { stopOnAbort } from './stop-on-abort.ts'
import type { Place } from './workspace-folder.ts'

/** A command with everything found that it needs. */
export interface Prepared {
  readonly place: Place
  readonly env: Environment
  /** Where its evidence goes; it exists. */
  readonly folder: string
  readonly argv: readonly string[]
}

/** One attempt of a command. */
export interface Performance extends Prepared {
  readonly command: Command
  readonly context: CommandContext
  readonly graceMs: number
  readonly logBytesMax: number
}

/** Runs a prepared command to its end, and everything that it has started with it. */
export async function perform(performance: Performance): Promise<CommandResult> {
  const logs = await openLogs(performance.folder)
  try {
    const ended = await runGroup(performance, logs)
    return await resultOf(performance, ended)
  } finally {
    await Promise.all([logs.stdout.close(), logs.stderr.close()])
  }
}

interface Logs {
  readonly stdout: FileHandle
  readonly stderr: FileHandle
}

interface Ended {
  readonly exit: Exit
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
  readonly stderrTail: OutputTail
  /** Whether it was told to stop before it ended. */
  readonly isStopped: boolean
}

// A link that stands in the place of a log is not followed.
async function openLogs(folder: string): Promise<Logs> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW
  try {
    const stdout = await open(join(folder, 'stdout.log'), flags, 0o600)
    const stderr = await open(join(folder, 'stderr.log'), flags, 0o600).catch(async (error: unknown) => {
      await stdout.close()
      throw error
    })
    return { stdout, stderr }
  } catch (error) {
    throw machineFailure('the logs of the process could not be made', error)
  }
}

// How long output may still come once the group is gone: whoever holds it open then has left the group.
const drainMs = 500

async function runGroup(performance: Performance, logs: Logs): Promise<Ended> {
  const { argv, place, env, context } = performance
  const { masker } = context
  const masked = argv.map((argument) => masker.text(argument))
  const group = await startGroup(argv, { folder: place.folder, env })
  try {
    return await watchOver(group, masked, { performance, logs })
  } catch (error) {
    group.kill('SIGKILL')
    throw error
  }
}

async function watchOver(
  group: ProcessGroup,
  argv: readonly string[],
  { performance, logs }: { readonly performance: Performance; readonly logs: Logs },
): Promise<Ended> {
  const { place, env, folder, context, graceMs } = performance
  const stop = stopOnAbort(group, context.signal, graceMs)
  const stderrTail = new OutputTail()
  const output = keepBoth(group, performance, { ...logs, stderrTail })
  const startedAt = new Date().toISOString()
  const record = { identity: identityOf(group.pid), argv, cwd: place.folder, env: Object.keys(env), startedAt }
  const unrecorded = await writeRecord(folder, record).then(() => group.go(), ended(group))
  const exit = await group.exited
  await stop.settled(output)
  await endOthers(group, context)
  const [stdout, stderr] = await drained(group, output)
  if (unrecorded !== undefined) throw unrecorded
  await writeRecord(folder, { ...record, endedAt: new Date().toISOString(), ...exit }).catch((error: unknown) =>
    context.log('the end of the process could not be recorded', { error: String(error) }),
  )
  for (const { missing } of [stdout, stderr]) if (missing !== undefined) context.log(missing)
  return { exit, stdout, stderr, stderrTail, isStopped: stop.isStopped }
}

async function keepBoth(
  group: ProcessGroup,
  { command: { output }, context: { masker }, logBytesMax }: Performance,
  logs: Logs & { readonly stderrTail: OutputTail },
): Promise<readonly [KeptOutput, KeptOutput]> {
  // One byte more says that there is more.
  const headBytes = output !== undefined && isPrinted(output) ? output.maxBytes + 1 : 0
  return await Promise.all([
    keepOutput(group.stdout, { file: logs.stdout, masker, headBytes, logBytesMax }),
    keepOutput(group.stderr, { file: logs.stderr, masker, headBytes: 0, logBytesMax, tail: logs.stderrTail }),
  ])
}

// A process that is not known on disk could not be found again: it is ended at its gate.
function ended(group: ProcessGroup): (error: unknown) => CommandFailure {
  return (error) => {
    group.kill('SIGKILL')
    return machineFailure('the process could not be recorded', error)
  }
}

async function endOthers(group: ProcessGroup, { log }: CommandContext): Promise<void> {
  const left = await endGroup(group.pid)
  if (left.length === 0) return
  log(`killed what the command had left running: ${left.map(({ pid, name }) => `${pid} (${name})`).join(', ')}`)
}

async function drained<T>(group: ProcessGroup, output: Promise<T>): Promise<T> {
  const patience = new AbortController()
  const late = delay(drainMs, undefined, { signal: patience.signal }).then(
    () => {
      group.stdout.destroy()
      group.stderr.destroy()
    },
    () => undefined,
  )
  const kept = await output
  patience.abort()
  await late
  return kept
}

async function resultOf({ command, context, place }: Performance, ended: Ended): Promise<CommandResult> {
  const { exit, stdout } = ended
  const { exitCode, signal } = exit
  const details = detailsOf(ended, context)
  // The engine knows why it said so; how the process ended then, it does not.
  if (ended.isStopped) throw stoppedAs(context.signal.reason, details)
  if (exitCode !== 0) {
    const [code, message] =
      exitCode === null
        ? (['KILLED_BY_SIGNAL', `killed by ${signal}`] as const)
        : (['EXIT_CODE', `exit code ${exitCode}`] as const)
    throw new CommandFailure(code, message, { retryable: true, details })
  }
  if (command.output === undefined) return { exitCode }
  try {
    const output: Json = await captureOutput(command.output, { stdout, place, masker: context.masker })
    return { exitCode, output, details }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error
    throw new CommandFailure(error.code, error.message, { details, cause: error.cause })
  }
}

function stoppedAs(reason: unknown, details: JsonObject): Error {
  const code = typeof reason === 'object' && reason !== null && 'code' in reason ? reason.code : undefined
  const message = reason instanceof Error ? reason.message : 'the process was told to stop'
  return Object.assign(new Error(message, { cause: reason }), { code, retryable: true, details })
}

function detailsOf({ exit, stdout, stderr, stderrTail }: Ended, { path, attempt }: CommandContext): JsonObject {
  return {
    ...(exit.exitCode === null ? {} : { exitCode: exit.exitCode }),
    ...(exit.signal === null ? {} : { signal: exit.signal }),
    stderrTail: stderrTail.text(),
    stderrLines: stderrTail.lines,
    stdoutBytes: stdout.bytes,
    stderrBytes: stderr.bytes,
    evidence: `steps/${path}/attempt-${attempt}`,
  }
}
