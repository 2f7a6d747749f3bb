import { SegnoError, StorageFault } from '@segno/core'
import { Command, CommanderError } from 'commander'
import { CommandError } from './command-error.ts'
import { addCommands } from './commands.ts'
import { enterWorkingFolder, type CommonOptions } from './common-options.ts'
import { writeCrashFile } from './crash.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { lookOf, printable, type Paint } from './screen/terminal.ts'
import { version } from './version.ts'

/** Performs the command that `argv`, the words after `segno`, asks for; all that is wrong is printed and ends in a code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = programOf(argv)
  addCommands(program, argv, (ended) => {
    code = ended
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return report(error, paintFor(argv))
  }
}

function programOf(argv: readonly string[]): Command {
  return new Command('segno')
    .description('Durable workflows in your own process.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .showSuggestionAfterError()
    .exitOverride()
    .hook('preAction', (_, command) => enterWorkingFolder(command.opts<CommonOptions>()))
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, `${paintFor(argv)('red', 'error[USAGE]')} `)),
    })
}

function paintFor(argv: readonly string[]): Paint {
  return lookOf(process.stderr, process.env, { color: !argv.includes('--no-color') }).paint
}

const secretHint = 'set an environment variable of that name, or <name>_FILE to the path of a file that holds it'

/** Tells an error and gives its exit code. What nobody foresaw is a mistake of Segno's, and leaves a file. */
function report(error: unknown, paint: Paint): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage
  if (error instanceof CommandError) {
    for (const { code, message, hint } of error.complaints) {
      process.stderr.write(`${paint('red', `error[${code}]`)} ${message}\n`)
      if (hint !== undefined) process.stderr.write(`${hint.replace(/^(?=.)/gm, '  ')}\n`)
    }
    return error.exitCode
  }
  // What the store or the engine refuses is nothing that Segno did wrong.
  if (error instanceof StorageFault || SegnoError.is(error)) {
    const hint = error.code === 'SECRET_MISSING' ? `  ${secretHint}\n` : ''
    process.stderr.write(`${paint('red', `error[${error.code}]`)} ${printable(error.message)}\n${hint}`)
    return exitCodes.usage
  }
  const file = writeCrashFile(error, version)
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `${paint('red', 'error[INTERNAL]')} this is a mistake in Segno: ${message}\n  all of it: ${file}\n`,
  )
  return exitCodes.internal
}
