import { writeSync } from 'node:fs'
import { writeCrashFile } from './crash.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { version } from './version.ts'

/** Ends the process with the code of a command, also while handlers hold sockets or timers open. */
export async function exitWith(command: Promise<ExitCode>): Promise<never> {
  process.on('uncaughtException', crash)
  // Whoever reads may stop reading, as `head` does; the run is brought to its end all the same.
  process.stdout.on('error', ignoreClosedPipe)
  process.stderr.on('error', ignoreClosedPipe)
  const code = await command
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  process.exit(code)
}

// The streams may be taken at this time, so the words go to the terminal directly.
function crash(error: unknown): void {
  const file = writeCrashFile(error, version)
  const message = error instanceof Error ? error.message : String(error)
  writeSync(
    2,
    `error[INTERNAL] an error that nobody caught, of Segno or of a handler: ${message}\n  all of it: ${file}\n`,
  )
  process.exit(exitCodes.internal)
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') crash(error)
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
