import { exitCodes, type ExitCode } from './exit-code.ts'

/** Every code that the command itself reports, and what it means. `docs/09-errors.md` has a row for each. */
export const commandErrorCodes = {
  USAGE: 'The command line has an unknown command or option, or lacks an argument.',
  FILE_NOT_FOUND: 'There is no file at the path given.',
  FILE_IS_FOLDER: 'A file was asked for, and the path is a folder.',
  FILE_UNREADABLE: 'A file cannot be read.',
  FILE_UNWRITABLE: 'A file cannot be changed.',
  NO_WORKFLOWS: 'There are no workflow files here.',
  CONFIG_MISSING: 'The workflow calls handlers, and no segno.config names any.',
  CONFIG_FAILED: 'The configuration file threw an error while it was loaded.',
  CONFIG_INVALID: 'The configuration file does not export what it has to.',
  INPUT_SYNTAX: 'An input on the command line is not key=value, key:=json or key@file.',
  INPUT_REPEATED: 'The same input is given twice.',
  INPUT_FILE_INVALID: 'An input file is not a JSON object.',
  INPUT_MISSING: 'A required input is not given.',
  INPUT_UNKNOWN: 'The workflow has no such input.',
  INPUT_INVALID: 'An input does not fit its declared type.',
  DATA_INVALID: 'The data of a signal is not JSON.',
  LABEL_SYNTAX: 'A label is not key=value.',
  OPTION_INVALID: 'The value of an option is not one that it takes.',
  RUN_EXISTS: 'A run of this idempotency key exists with another input.',
  RUN_NOT_FOUND: 'There is no such run in the store.',
  RUN_AMBIGUOUS: 'What is given is the beginning of more than one run id.',
  RUN_HELD: 'A live process drives the run.',
  RUN_CLOSED: 'The run has ended, and takes no more commands.',
  RUN_UNREADABLE: 'A run cannot be taken up or shown, because something of it is missing or damaged.',
  NOTHING_BLOCKED: 'Nothing of the run is blocked, so there is nothing to retry.',
  STEP_NOT_FOUND: 'The run has no such step, or has not come to it.',
  STEP_AMBIGUOUS: 'More than one step of the run is called so.',
  TASK_NOT_FOUND: 'Nothing is asked there, or not any more.',
  TASK_AMBIGUOUS: 'A run asks more than one question.',
  TASK_CHANGED: 'What is asked is not what the answer was given to.',
  TASK_CLOSED: 'What was asked has been answered, or is not asked any more.',
  ANSWER_LATE: 'Somebody else has answered first.',
  BUNDLE_INVALID: 'A file is no exported run, or does not hold together.',
  ANSWER_INVALID: 'An answer is not one that the question takes.',
  STORE_UNWRITABLE: 'Runs cannot be kept in the folder of the store.',
  TIME_ZONES_MISSING: 'This Node cannot compute times in a time zone.',
} as const

/** The stable name of a mistake in using the command. */
export type CommandErrorCode = keyof typeof commandErrorCodes

/** One thing that the user has to put right. */
export interface Complaint {
  readonly code: CommandErrorCode
  readonly message: string
  /** What to do next, in a line or more. */
  readonly hint?: string | undefined
}

/** Ends a command before anything has started: all that is wrong, each with what to do. */
export class CommandError extends Error {
  readonly complaints: readonly Complaint[]
  readonly exitCode: ExitCode

  constructor(
    complaints: Complaint | readonly Complaint[],
    { exitCode = exitCodes.usage, cause }: { readonly exitCode?: ExitCode; readonly cause?: unknown } = {},
  ) {
    const list = Array.isArray(complaints) ? (complaints as readonly Complaint[]) : [complaints as Complaint]
    super(list.map(({ message }) => message).join('; '), cause === undefined ? undefined : { cause })
    this.name = 'CommandError'
    this.complaints = list
    this.exitCode = exitCode
  }
}
