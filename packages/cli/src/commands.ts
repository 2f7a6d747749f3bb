import { InvalidArgumentError, Option, type Command } from 'commander'
import type { ActOptions } from './act-on-run.ts'
import { answerCommand, type AnswerOptions } from './answer.ts'
import { diffCommand, diffFormats, type DiffOptions } from './diff.ts'
import { doctorCommand, type DoctorOptions } from './doctor.ts'
import type { CommonOptions, StoreCommandOptions } from './common-options.ts'
import type { ExitCode } from './exit-code.ts'
import { exportCommand, redactions, type ExportCommandOptions } from './export.ts'
import { explainCommand } from './explain.ts'
import { importCommand } from './import.ts'
import { forkCommand, type ForkCommandOptions } from './fork.ts'
import { gcCommand, type GcOptions } from './gc.ts'
import { graphCommand, graphFormats, type GraphCommandOptions } from './graph.ts'
import { logsCommand, type LogsOptions } from './logs.ts'
import { migrateCommand, type MigrateCommandOptions } from './migrate.ts'
import { cancelCommand, pauseCommand, type CancelOptions, type PauseOptions } from './operate.ts'
import { findingFormats } from './print-findings.ts'
import { replayCommand, type ReplayOptions } from './replay.ts'
import { overrideCommand, type OverrideOptions } from './override.ts'
import { raiseCommand, type RaiseOptions } from './raise.ts'
import { resumeCommand, type ResumeOptions } from './resume.ts'
import { retryCommand, type RetryOptions } from './retry.ts'
import { runCommand, type RunOptions } from './run.ts'
import { runsCommand, type RunsOptions } from './runs.ts'
import { schemaCommand, type SchemaOptions } from './schema.ts'
import { showCommand, type ShowOptions } from './show.ts'
import { skipCommand } from './skip.ts'
import { signalCommand, type SignalOptions } from './signal.ts'
import { uiModes } from './screen/ui-mode.ts'
import { validateCommand, type ValidateOptions } from './validate.ts'
import { workCommand, type WorkCommandOptions } from './work.ts'

type Done = (code: ExitCode) => void

/** Gives a program the commands of Segno. Each hands its exit code to `done`. */
export function addCommands(program: Command, argv: readonly string[], done: Done): void {
  addStarting(program, argv, done)
  addLooking(program, done)
  addOperating(program, done)
  addSending(program, done)
  addComparing(program, done)
}

function addStarting(program: Command, argv: readonly string[], done: Done): void {
  withStoreOption(command(program, 'run'))
    .description('start a run of a workflow and show it until it ends')
    .argument('<file>', 'the workflow, such as workflows/hello.segno.yaml')
    .option('-i, --input <key=value>', 'an input; key:=json for JSON, key@file for the content of a file', collect, [])
    .option('--input-file <file>', 'a JSON file with all inputs; - for standard input')
    .option('--label <key=value>', 'a label of the run', collect, [])
    .option('--id <key>', 'an idempotency key: a second start with it gives the first run')
    .option('--timeout <duration>', 'cancel the run after this long, such as 30m')
    .addOption(
      new Option('--on-error <what>', 'stop: a failure fails the run; pause: it is held, for people to decide')
        .choices(['stop', 'pause'])
        .default('stop'),
    )
    .option('--detach', 'create the run for processes that work for the store, and print its id')
    .action(async (file: string, options: RunOptions) => done(await runCommand(file, options, argv)))
  withStoreOption(command(program, 'work'))
    .description('take the runs of a store that are due, until it is told to stop')
    .option('--concurrency <count>', 'how many runs at a time; 100 unless given')
    .option('--label <key=value>', 'only runs that have this label', collect, [])
    .option('--workflow <name>', 'only runs of this workflow: its name, or its file', collect, [])
    .action(async (options: WorkCommandOptions) => done(await workCommand(options)))
  command(program, 'validate')
    .alias('check')
    .description('check workflow files without running them')
    .argument('[files...]', 'files or folders; all *.segno.yaml below the working folder unless given')
    .addOption(new Option('--format <format>', 'how the findings are printed').choices([...findingFormats]))
    .option('--strict', 'take warnings for errors')
    .option('--typed', 'refuse values of which nothing is known before the run')
    .option('--fix', 'put right in the files what can be put right for sure')
    .option('--dry-run', 'print what --fix would change')
    .action(async (files: string[], options: ValidateOptions) => done(await validateCommand(files, options)))
  command(program, 'explain')
    .description('tell what a code means, why it comes and what to do')
    .argument('[code]', 'such as UNKNOWN_STEP; all of them unless given')
    .action((code: string | undefined, options: CommonOptions) => done(explainCommand(code, options)))
  withStoreOption(command(program, 'doctor'))
    .description('tell what is there for runs, and what is wrong with it')
    .addOption(new Option('--format <format>', 'how the report is printed').choices(['text', 'json']))
    .action(async (options: DoctorOptions) => done(await doctorCommand(options)))
  command(program, 'schema')
    .description('print the JSON Schema of workflows, with the handlers of this project, for editors')
    .argument('[files...]', 'files or folders, for schemas that know the names in each file')
    .option('--write', 'write it to .segno/schema, and tell how files name it')
    .option('--out <folder>', 'write it to this folder instead', notEmpty)
    .action(async (files: string[], options: SchemaOptions) => done(await schemaCommand(files, options)))
}

function addLooking(program: Command, done: Done): void {
  withStoreOption(command(program, 'runs'))
    .alias('ls')
    .description('list runs, newest first')
    .option('--status <status>', 'only these; also crashed: its process is gone', collect, [])
    .option('--workflow <name>', 'only runs of this workflow')
    .option('--since <duration>', 'only those that were started at most this long ago, such as 2d')
    .option('--label <key=value>', 'only those that have this label', collect, [])
    .option('--parent <run>', 'only those that a step of this run has started')
    .option('--limit <count>', 'at most so many', '20')
    .option('--cursor <cursor>', 'go on after the page that gave this cursor')
    .action(async (options: RunsOptions) => done(await runsCommand(options)))
  withStoreOption(command(program, 'show'))
    .description('show how a run stands, or one of its steps')
    .argument('<run>', runHelp)
    .argument('[step]', 'the path of a step, such as build or each[0]/test')
    .option('--events', 'print the journal')
    .action(async (run: string, step: string | undefined, options: ShowOptions) =>
      done(await showCommand(run, step, options)),
    )
  withStoreOption(command(program, 'graph'))
    .description('print the graph of a workflow, or of a run with how it stands')
    .argument('<file|run>', 'a workflow file, or a run: its id, a unique beginning of it, @last or @last-failed')
    .addOption(new Option('--format <format>', 'mermaid unless given, or as --out ends').choices([...graphFormats]))
    .option('--out <file>', 'write it to a file', notEmpty)
    .option('--expand', 'show what is inside of called workflows')
    .action(async (given: string, options: GraphCommandOptions) => done(await graphCommand(given, options)))
  withStoreOption(command(program, 'logs'))
    .description('print what the processes of a run have printed')
    .argument('<run>', runHelp)
    .argument('[step]', 'the path of a step; all of them unless given')
    .option('--attempt <number>', 'only this attempt')
    .option('--tail <lines>', 'only the last lines of each file')
    .addOption(new Option('--stream <stream>', 'only this stream').choices(['stdout', 'stderr']))
    .option('-f, --follow', 'go on printing until the run ends')
    .action(async (run: string, step: string | undefined, options: LogsOptions) =>
      done(await logsCommand(run, step, options)),
    )
}

function addOperating(program: Command, done: Done): void {
  withStoreOption(command(program, 'resume'))
    .description('go on with runs that crashed, were stopped or paused')
    .argument('[runs...]', runHelp)
    .option('--all', 'go on with every run that is due and that nobody drives')
    .action(async (runs: string[], options: ResumeOptions) => done(await resumeCommand(runs, options)))
  withStoreOption(command(program, 'retry'))
    .description('try blocked steps of a run again')
    .argument('<run>', runHelp)
    .option('--step <path>', 'only this step; also one that has failed and was passed over')
    .option('--downstream', 'with what came after the step in its list')
    .option('--reason <text>', 'why, for the journal')
    .option('--wait', 'where another process drives the run: wait until it ends or rests')
    .action(async (run: string, options: RetryOptions) => done(await retryCommand(run, options)))
  withActOptions(command(program, 'skip'))
    .description('end a step that waits or is blocked as if it had been left out')
    .argument('<run>', runHelp)
    .argument('<step>', 'the path of the step')
    .action(async (run: string, step: string, options: ActOptions) => done(await skipCommand(run, step, options)))
  withActOptions(command(program, 'override'))
    .description('end a step that waits or is blocked with an output of your own')
    .argument('<run>', runHelp)
    .argument('<step>', 'the path of the step')
    .option('-d, --data <json>', 'what the step gives, as JSON; @file for the content of a file')
    .action(async (run: string, step: string, options: OverrideOptions) =>
      done(await overrideCommand(run, step, options)),
    )
  withActOptions(command(program, 'raise'))
    .description('raise a limit that a run has reached, and go on')
    .argument('<run>', runHelp)
    .option('--steps <count>', 'how many steps it may start')
    .option('--duration <duration>', 'how long it may take since its start, such as 2d')
    .option('--transitions <count>', 'how many states a state machine may enter')
    .action(async (run: string, options: RaiseOptions) => done(await raiseCommand(run, options)))
  addNewPlans(program, done)
  withStoreOption(command(program, 'pause'))
    .description('let what runs end, and start nothing new until resume')
    .argument('<runs...>', runHelp)
    .option('--wait', 'where another process drives a run: wait until it ends or rests')
    .action(async (runs: string[], options: PauseOptions) => done(await pauseCommand(runs, options)))
  withStoreOption(command(program, 'cancel'))
    .description('stop what runs and end the run; its finally still runs')
    .argument('<runs...>', runHelp)
    .option('--reason <text>', 'why, for the journal')
    .option('--force', 'stop finally too')
    .option('--wait', 'where another process drives a run: wait until it ends or rests')
    .action(async (runs: string[], options: CancelOptions) => done(await cancelCommand(runs, options)))
  withStoreOption(command(program, 'gc'))
    .description('delete runs that have ended')
    .option('--keep <count>', 'keep so many of the newest')
    .option('--older-than <duration>', 'only those that ended at least this long ago, such as 14d')
    .option('--dry-run', 'print what would be deleted')
    .action(async (options: GcOptions) => done(await gcCommand(options)))
}

function addNewPlans(program: Command, done: Done): void {
  withStoreOption(command(program, 'fork'))
    .description('begin a run again as a new one, from any step, with other inputs, outputs or workflow')
    .argument('<run>', runHelp)
    .option('--from <step>', 'do this step anew, and what comes after it')
    .option('--from-failure', 'the same from the first step that failed')
    .option('--set <steps.x.output=value>', 'what a step gives instead; := for JSON, @ for a file', collect, [])
    .option('-i, --input <key=value>', 'an input that is another', collect, [])
    .option('--workflow <file>', 'go by this file')
    .action(async (run: string, options: ForkCommandOptions) => done(await forkCommand(run, options)))
  withStoreOption(command(program, 'migrate'))
    .description('let runs in flight go on by what a workflow file says now')
    .argument('<file>', 'the workflow, such as workflows/hello.segno.yaml')
    .option('--run <run>', 'this run', collect, [])
    .option('--all', 'all runs of the workflow that are in flight')
    .option('--dry-run', 'print what would come of it')
    .option('--reason <text>', 'why, for the journal')
    .action(async (file: string, options: MigrateCommandOptions) => done(await migrateCommand(file, options)))
}

function withActOptions(given: Command): Command {
  return withStoreOption(given)
    .option('--reason <text>', 'why, for the journal')
    .option('--wait', 'where another process drives the run: wait until it ends or rests')
}

function addSending(program: Command, done: Done): void {
  withStoreOption(command(program, 'answer'))
    .description('show what people are asked in a run, or answer it')
    .argument('<run>', runHelp)
    .argument('[path]', 'the path of the question; needed where there are several')
    .option('--choice <choice>', 'one of the choices')
    .option(
      '--form <key=value>',
      'a field of the form; key:=json for JSON, key@file for the content of a file',
      collect,
      [],
    )
    .option('--comment <text>', 'what else there is to say')
    .option('--by <name>', 'who answers; the user of this system unless given')
    .option('--hash <digits>', 'answer only what was shown with this hash')
    .option('--id <id>', 'a second answer with this id changes nothing')
    .option('--wait', 'wait until a process has taken the answer in')
    .addOption(new Option('--format <format>', 'how questions are printed').choices(['text', 'json']))
    .action(async (run: string, path: string | undefined, options: AnswerOptions) =>
      done(await answerCommand(run, path, options)),
    )
  withStoreOption(command(program, 'signal'))
    .description('send a signal to a run that waits for it, or will')
    .argument('<run>', runHelp)
    .argument('<name>', 'the name that waitFor has')
    .option('-d, --data <json>', 'what the signal carries, as JSON; null unless given')
    .option('--data-file <file>', 'the same from a file; - for standard input')
    .option('--id <id>', 'a second signal with this id changes nothing')
    .action(async (run: string, name: string, options: SignalOptions) => done(await signalCommand(run, name, options)))
}

function addComparing(program: Command, done: Done): void {
  withStoreOption(command(program, 'diff', diffFormats))
    .description('compare two runs, or two workflow files')
    .argument('<before>', 'a run, or a workflow file')
    .argument('<after>', 'the other')
    .option('--exit-code', 'end with 1 where they differ')
    .action(async (before: string, after: string, options: DiffOptions) =>
      done(await diffCommand(before, after, options)),
    )
  withStoreOption(command(program, 'export'))
    .description('write a run as one JSON document')
    .argument('<run>', runHelp)
    .option('-O, --out <file>', 'write it to a file; to stdout unless given', notEmpty)
    .addOption(
      new Option('--redact <what>', 'values under telling keys, all values, or nothing')
        .choices([...redactions])
        .default('keys'),
    )
    .option('--children', 'with the runs that it started')
    .action(async (run: string, options: ExportCommandOptions) => done(await exportCommand(run, options)))
  withStoreOption(command(program, 'import'))
    .description('put an exported run into the store; one that had not ended is paused')
    .argument('<file>', 'what segno export wrote; - for standard input')
    .action(async (file: string, options: StoreCommandOptions) => done(await importCommand(file, options)))
  withStoreOption(command(program, 'replay'))
    .description('run a run again in memory and tell whether it comes to the same')
    .argument('<run|file>', 'a run, or what segno export wrote')
    .option('--workflow <file>', 'by another workflow: what would have happened', notEmpty)
    .action(async (given: string, options: ReplayOptions) => done(await replayCommand(given, options)))
}

const runHelp = 'the id of a run, a unique beginning of it, @last or @last-failed'

function command(program: Command, name: string, formats: readonly string[] = ['text', 'json']): Command {
  return program
    .command(name)
    .addOption(new Option('-o, --output <format>', 'how the result is printed').choices([...formats]).default('text'))
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
    .showHelpAfterError(`segno ${name} --help tells the options`)
    .exitOverride()
}

function withStoreOption(given: Command): Command {
  return given.option('--store <folder>', 'where runs are kept; .segno unless given', notEmpty)
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

function notEmpty(value: string): string {
  if (value === '') throw new InvalidArgumentError('It is empty.')
  return value
}
