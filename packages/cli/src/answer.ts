import { randomBytes } from 'node:crypto'
import { userInfo } from 'node:os'
import { createEngine, isTerminal, type Answer, type RunHandle, type RunRow, type Task } from '@segno/core'
import type { Definition } from '@segno/schema'
import { fateOf, ignoredError, type Fate } from './answer-fate.ts'
import { closedRun } from './closed-run.ts'
import { CommandError } from './command-error.ts'
import type { StoreCommandOptions } from './common-options.ts'
import { exitCodes, type ExitCode } from './exit-code.ts'
import { Family } from './family.ts'
import { findRun } from './find-run.ts'
import { readInputs } from './inputs.ts'
import { readProgress, withStore, type Lookup } from './known-run.ts'
import { knownWorkflow } from './run-origin.ts'
import { printable } from './screen/terminal.ts'
import { answerWords, taskLines, type OpenTask } from './screen/task-text.ts'
import { shellWords } from './shell-words.ts'

/** The options of `segno answer`, as commander gives them. */
export interface AnswerOptions extends StoreCommandOptions {
  readonly choice?: string
  readonly form: readonly string[]
  readonly comment?: string
  readonly by?: string
  readonly hash?: string
  readonly id?: string
  readonly wait?: boolean
  readonly format?: 'text' | 'json'
}

/** Shows what people are asked in a run, or answers it, bound to exactly what is asked just then. */
export function answerCommand(given: string, path: string | undefined, options: AnswerOptions): Promise<ExitCode> {
  const isAnswer = isGiven(options)
  return withStore(options, isAnswer ? process.stderr : process.stdout, async (lookup) => {
    const row = await findRun(lookup.store, given)
    if (isTerminal(row.status)) throw closedRun(row, lookup.same, lookup.screen.cwd)
    // An engine that drives nothing: it only carries the message.
    await using engine = createEngine({ storage: lookup.store.storage })
    const run = engine.run(row.runId)
    const tasks = await run.tasks()
    // Awaited here: the engine has to be open until it is known what became of it.
    if (isAnswer) return await answer({ row, run, task: taskAt(tasks, path, row) }, lookup, options)
    if (path !== undefined) taskAt(tasks, path, row)
    const own = tasks
      .filter((task) => path === undefined || task.path === path)
      .map((task) => ({ ...task, runId: run.id }))
    const others = path === undefined ? await askedBelow(row, lookup, (runId) => engine.run(runId).tasks()) : []
    print(row, [...own, ...others], { lookup, json: options.format === 'json' || lookup.screen.json })
    return exitCodes.ok
  })
}

function isGiven({ choice, form, comment, hash, id }: AnswerOptions): boolean {
  const isAnswer = choice !== undefined || form.length > 0
  if (choice !== undefined && form.length > 0) {
    const message = '--choice and --form are given, and a question takes one of them'
    throw new CommandError({ code: 'USAGE', message, hint: 'leave one of them out' })
  }
  if (!isAnswer && (comment !== undefined || hash !== undefined || id !== undefined)) {
    const hint = 'add --choice or --form; without them, the question is shown'
    throw new CommandError({ code: 'USAGE', message: 'there is no answer to send', hint })
  }
  return isAnswer
}

/** What is asked in the runs that it has started. */
async function askedBelow(
  row: RunRow,
  { store, screen }: Lookup,
  tasksOf: (runId: string) => Promise<readonly Task[]>,
): Promise<readonly OpenTask[]> {
  const workflow = await knownWorkflow(row, store.storage, screen.cwd)
  const family = new Family(store.storage, await readProgress(row, workflow, store.storage))
  const found: OpenTask[] = []
  for await (const { row: member } of family.open()) {
    for (const task of await tasksOf(member.runId)) found.push({ ...task, runId: member.runId })
  }
  return found
}

function taskAt(tasks: readonly Task[], path: string | undefined, { runId }: RunRow): Task {
  const [first, ...others] = path === undefined ? tasks : tasks.filter((task) => task.path === path)
  const paths = tasks.map((task) => task.path).join(', ')
  if (first === undefined) {
    const message = `nothing is asked ${path === undefined ? '' : `at ${path} `}in ${runId}`
    const hint = tasks.length > 0 ? `there are: ${paths}` : `segno show ${runId} tells what it waits for`
    throw new CommandError({ code: 'TASK_NOT_FOUND', message, hint }, { exitCode: exitCodes.notFound })
  }
  if (others.length === 0) return first
  const message = `${runId} asks ${tasks.length} questions`
  throw new CommandError({ code: 'TASK_AMBIGUOUS', message, hint: `name one of: ${paths}` })
}

interface Printing {
  readonly lookup: Lookup
  readonly json: boolean
}

function print({ runId }: RunRow, tasks: readonly OpenTask[], { lookup, json }: Printing): void {
  const { screen, same } = lookup
  if (json) process.stdout.write(`${JSON.stringify({ v: 1, runId, tasks }, null, 2)}\n`)
  else if (tasks.length === 0) process.stderr.write(`nothing is asked in ${runId}\n`)
  else {
    const now = Date.now()
    const texts = tasks.map((task) =>
      taskLines(task, { ...screen.look, now, same, verbose: screen.verbose }).join('\n'),
    )
    process.stdout.write(`${texts.join('\n\n')}\n`)
  }
}

interface Asked {
  readonly row: RunRow
  readonly run: RunHandle
  readonly task: Task
}

async function answer({ row, run, task }: Asked, lookup: Lookup, options: AnswerOptions): Promise<ExitCode> {
  const { path, hash } = task
  if (options.hash !== undefined && !isHash(hash, options.hash)) {
    const message = `what is asked at ${path} has changed: its hash is ${hash.slice(0, hashShown)}, not ${options.hash}`
    const hint = `${shellWords(['segno', 'answer', row.runId, path, ...lookup.same])} shows it`
    throw new CommandError({ code: 'TASK_CHANGED', message, hint }, { exitCode: exitCodes.conflict })
  }
  const given = answerOf(task, options, lookup.screen.cwd)
  const { by = userName(), id = `ans_${randomBytes(9).toString('hex')}` } = options
  const { head } = await run.row()
  const sent = await run.answer(task, given, { id, ...(by !== undefined && { by }) })
  const wait = options.wait === true
  const fate = sent === 'duplicate' ? await earlierFate(run, id) : await fateOf(run, id, { from: head + 1, wait })
  if (lookup.screen.json) {
    const document = { v: 1, runId: run.id, path, hash, id, ...(by !== undefined && { by }), ...fate }
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  } else if (fate.outcome !== 'ignored' && lookup.screen.mode !== 'quiet') {
    for (const line of fateLines(fate.outcome, { row, task, words: answerWords(given) }, lookup))
      process.stderr.write(`${line}\n`)
  }
  if (fate.outcome !== 'ignored') return exitCodes.ok
  if (!lookup.screen.json) throw ignoredError(path, fate.because)
  return exitCodes.conflict
}

// Sent again by its id, it is told again why it did not count.
async function earlierFate(run: RunHandle, id: string): Promise<Fate> {
  const fate = await fateOf(run, id, { from: 1, wait: false })
  return fate.outcome === 'ignored' ? fate : { outcome: 'duplicate' }
}

const hashShown = 12

function isHash(hash: string, given: string): boolean {
  if (/^[0-9a-f]{8,64}$/.test(given)) return hash.startsWith(given)
  const message = `--hash ${given}: expected at least 8 digits of what the question was shown with`
  throw new CommandError({ code: 'OPTION_INVALID', message, hint: 'for example: --hash 3f2a9c01d4e7' })
}

// Some systems know no name for whoever runs the process.
function userName(): string | undefined {
  try {
    return userInfo().username || undefined
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** The answer that the options give, as the task takes it: what does not fit ends the command, and is not sent. */
function answerOf({ path, choices, form }: Task, options: AnswerOptions, cwd: string): Answer {
  const { choice, comment } = options
  const said = comment === undefined ? {} : { comment }
  if (choices !== undefined) {
    if (choice !== undefined && choices.includes(choice)) return { choice, ...said }
    const got = choice === undefined ? 'a form is none' : `${JSON.stringify(choice)} is none`
    throw invalid(`${path} is answered with a choice, and ${got}`, `--choice takes one of: ${choices.join(', ')}`)
  }
  if (choice !== undefined) {
    throw invalid(
      `${path} is answered with a form, not with a choice`,
      `for example: --form ${Object.keys(form ?? {})[0] ?? 'name'}=…`,
    )
  }
  const definition = { input: form ?? {} } as unknown as Definition
  return { form: readInputs(definition, { pairs: options.form, cwd, flag: '--form' }), ...said }
}

function invalid(message: string, hint: string): CommandError {
  return new CommandError({ code: 'ANSWER_INVALID', message, hint })
}

interface Told {
  readonly row: RunRow
  readonly task: Task
  readonly words: string
}

function fateLines(
  outcome: 'answered' | 'kept' | 'duplicate',
  { row: { runId, status }, task, words }: Told,
  { same }: Lookup,
): readonly string[] {
  const resume = shellWords(['segno', 'resume', runId, ...same])
  switch (outcome) {
    case 'answered':
      return [`${runId}: ${task.path} is answered: ${printable(words)}`]
    case 'duplicate':
      return [`${runId} has a message of this id already: nothing was sent`]
    case 'kept': {
      const [what, when] =
        status === 'paused' ? ['the run is paused', 'go on'] : ['nobody has taken it in yet', 'take it in']
      return [`${runId}: the answer to ${task.path} is kept; ${what}`, `  ${when}  ${resume}`]
    }
    default:
      return outcome satisfies never
  }
}
