import { SegnoError } from '@segno/core'
import type { Command, CommandContext } from '@segno/core'
import { CommandFailure } from './command-failure.ts'

/** The variables of a process. */
export type Environment = Readonly<Record<string, string>>

// Never all of the host's: it may hold keys, and what changes how programs behave.
const inherited: ReadonlySet<string> = new Set(['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR'])

const isDangerous =
  /^(NODE_OPTIONS|NODE_PATH|LD_.*|DYLD_.*|BASH_ENV|ENV|BASHOPTS|SHELLOPTS|PROMPT_COMMAND|PS4|CDPATH|IFS|GLOBIGNORE|PERL5?(OPT|LIB|DB)|PYTHON(PATH|HOME|STARTUP|INSPECT)|RUBY(OPT|LIB)|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|GIT_SSH|GIT_SSH_COMMAND|GIT_EXEC_PATH|GIT_CONFIG.*)$/

// The shell that starts a program hands on no others.
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/

/** Refuses names of host variables that would let the host's own settings run code in each process. */
export function checkNamed(named: readonly string[]): void {
  for (const name of named) {
    if (!variableName.test(name)) throw new SegnoError('ARGUMENT_INVALID', `"${name}" is no name of a variable`)
    if (isDangerous.test(name)) {
      throw new SegnoError('ARGUMENT_INVALID', `${name} changes what programs do: a step may declare it, a host not`)
    }
  }
}

/** What a process sees of the host's variables, the step's, and whose attempt it is: the last one wins. */
export function processEnvironment(
  host: Readonly<Record<string, string | undefined>>,
  named: readonly string[],
  command: Command,
  context: CommandContext,
): Environment {
  const seen = Object.entries(host).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isSeen(entry[0], named),
  )
  for (const [name, value] of Object.entries(command.env)) checkVariable(name, value)
  return {
    ...Object.fromEntries(seen),
    ...command.env,
    SEGNO_RUN_ID: context.runId,
    SEGNO_STEP: context.path,
    SEGNO_ATTEMPT: String(context.attempt),
    SEGNO_IDEMPOTENCY_KEY: context.idempotencyKey,
  }
}

function isSeen(name: string, named: readonly string[]): boolean {
  return inherited.has(name) || name.startsWith('LC_') || named.includes(name)
}

function checkVariable(name: string, value: string): void {
  if (!variableName.test(name)) {
    throw new CommandFailure('ARGUMENT_REFUSED', `"${name}" is no name of a variable (letters, digits and _)`)
  }
  if (value.includes('\0')) throw new CommandFailure('ARGUMENT_REFUSED', `the variable ${name} holds a NUL`)
}
