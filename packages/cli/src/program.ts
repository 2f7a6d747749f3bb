import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { CommandError } from './command-error.ts'
import { enterWorkingFolder, type CommonOptions } from './common-options.ts'
import { writeCrashFile } from './crash.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { runCommand, type RunOptions } from './run.ts'
import { lookOf, type Paint } from './screen/terminal.ts'
import { uiModes } from './screen/ui-mode.ts'
import { validateCommand, type ValidateOptions } from './validate.ts'
import { version } from './version.ts'

/** Performs the command that `argv`, the words after `segno`, asks for; all that is wrong is printed and ends in a code. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = programOf(argv, (ended) => {
    code = ended
  })
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return code
  } catch (error) {
    return report(error, paintFor(argv))
  }
}

function programOf(argv: readonly string[], done: (code: ExitCode) => void): Command {
  const program = new Command('segno')
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
  withCommonOptions(program.command('run'))
    .description('start a run of a workflow and show it until it ends')
    .argument('<file>', 'the workflow, such as workflows/hello.segno.yaml')
    .option('-i, --input <key=value>', 'an input; key:=json for JSON, key@file for the content of a file', collect, [])
    .option('--input-file <file>', 'a JSON file with all inputs; - for standard input')
    .option('--label <key=value>', 'a label of the run', collect, [])
    .option('--id <key>', 'an idempotency key: a second start with it gives the first run')
    .option('--timeout <duration>', 'cancel the run after this long, such as 30m')
    .showHelpAfterError('segno run --help tells the options')
    .action(async (file: string, options: RunOptions) => done(await runCommand(file, options, argv)))
  withCommonOptions(program.command('validate'))
    .alias('check')
    .description('check workflow files without running them')
    .argument('[files...]', 'files or folders; all *.segno.yaml below the working folder unless given')
    .addOption(new Option('--format <format>', 'how the findings are printed').choices(['text', 'json', 'github']))
    .option('--strict', 'take warnings for errors')
    .showHelpAfterError('segno validate --help tells the options')
    .action(async (files: string[], options: ValidateOptions) => done(await validateCommand(files, options)))
  return program
}

function withCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('-o, --output <format>', 'how the result is printed').choices(['text', 'json']).default('text'),
    )
    .option('--json', 'the same as -o json')
    .option('--config <file>', 'the configuration; the nearest segno.config.{ts,js,mjs} unless given', notEmpty)
    .option('--cwd <folder>', 'work in this folder', notEmpty)
    .addOption(
      new Option('--ui <mode>', 'how progress is shown')
        .choices([...uiModes])
        .default('auto')
        .env('SEGNO_UI'),
    )
    .option('-q, --quiet', 'show results and failures only')
    .option('-v, --verbose', 'show more')
    .option('--no-color', 'use no colours')
    .exitOverride()
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return value
}

function paintFor(argv: readonly string[]): Paint {
  return lookOf(process.stderr, process.env, { color: !argv.includes('--no-color') }).paint
}

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
  const file = writeCrashFile(error, version)
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `${paint('red', 'error[INTERNAL]')} this is a mistake in Segno: ${message}\n  all of it: ${file}\n`,
  )
  return exitCodes.internal
}
