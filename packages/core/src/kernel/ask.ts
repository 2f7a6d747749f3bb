import { canonicalJson, isJsonObject, resolveInputs, sha256Hex } from '@segno/schema/plan'
import type { Definition, EventPayloads, Json, JsonObject } from '@segno/schema/plan'
import type { Deciding } from './deciding.ts'
import { deadlineOf, describe, emit, evaluate, stored, typeMismatch } from './deciding.ts'
import { timestampText } from './instant.ts'
import { inlineBytesMax, utf8Length } from './kept.ts'
import type { AskNode } from './plan.ts'
import type { Place } from './place.ts'
import { reuse } from './reuse.ts'
import { NoValue } from './scope.ts'
import type { StepState } from './state.ts'

/** Asks a person: what is shown is recorded, and bound to what is answered by its hash. */
export function ask(deciding: Deciding, node: AskNode, { frame, path, attempt }: Place): NoValue | undefined {
  const evaluated = evaluate(deciding, node.shown, frame)
  if (evaluated instanceof NoValue) return evaluated
  const shown = shownOf(evaluated)
  if (shown instanceof NoValue) return shown
  const { assignees, subject, ...texts } = shown
  const { choices, form } = node
  const answers = { ...(choices === undefined ? {} : { choices }), ...(form === undefined ? {} : { form }) }
  const all = { ...texts, ...answers, ...(subject === undefined ? {} : { subject }) }
  const hash = sha256Hex(canonicalJson(all as unknown as Json))
  const reused = reuse(deciding, { node, frame, path }, () => hash)
  if (reused !== false) return reused
  const field = subject === undefined ? {} : stored(deciding, 'subject', subject)
  if (field instanceof NoValue) return field
  const deadline = deadlineOf(deciding, node.timeout, frame)
  if (deadline instanceof NoValue) return deadline
  const who = assignees === undefined ? {} : { assignees }
  const limit = deadline === undefined ? {} : { deadline }
  emit(deciding, 'task.asked', { path, attempt, hash, ...texts, ...answers, ...who, ...field, ...limit })
  return undefined
}

type Shown = Pick<EventPayloads['task.asked'], 'title' | 'body' | 'assignees' | 'subject'>

function shownOf(evaluated: Json): Shown | NoValue {
  const { title, body, assignees, subject } = isJsonObject(evaluated) ? evaluated : {}
  if (typeof title !== 'string' || title === '')
    return typeMismatch(`\`title\` is ${describe(title ?? null)}; expected a text`)
  if (body !== undefined && typeof body !== 'string')
    return typeMismatch(`\`body\` is ${describe(body)}; expected a text`)
  if (utf8Length(title) + utf8Length(body ?? '') > inlineBytesMax) {
    const message = `what is asked has more than ${inlineBytesMax} bytes of text; show the rest as its \`subject\``
    return new NoValue({ code: 'PAYLOAD_TOO_LARGE', message, retryable: false })
  }
  const names = assignees ?? []
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    return typeMismatch(`\`assignees\` is ${describe(assignees ?? null)}; expected a list of names`)
  }
  return {
    title,
    ...(body === undefined ? {} : { body }),
    ...(assignees === undefined ? {} : { assignees: names as string[] }),
    ...(subject === undefined ? {} : { subject }),
  }
}

/** An answer as it came to the inbox. */
export interface Answer {
  readonly id: string
  readonly sender: string | undefined
  readonly fields: { readonly [key: string]: Json | undefined }
}

/** Takes in an answer. The first that fits is the answer; what does not count is recorded with the reason. */
export function takeAnswer(deciding: Deciding, { id, sender, fields }: Answer): void {
  const { path } = fields
  const step = typeof path === 'string' ? deciding.state.steps.get(path) : undefined
  const given = step === undefined ? undefined : answerOf(step, fields)
  if (step === undefined || given === undefined) {
    const message = `nothing is asked at ${describe(path ?? null)} any more`
    // Whoever looks for the answer that came first finds it by the path.
    const details = typeof path === 'string' && path.length <= pathCharactersMax ? { details: { path } } : {}
    return emit(deciding, 'signal.ignored', { id, because: { code: 'TASK_CLOSED', message, ...details } })
  }
  if ('problem' in given) return ignored(deciding, id, given.code, given.problem)
  const by = sender === undefined ? {} : { by: sender }
  const field = stored(deciding, 'answer', { ...given.answer, ...by, at: timestampText(deciding.now) })
  if (!(field instanceof NoValue)) emit(deciding, 'task.answered', { path: step.path, id, ...field })
  else ignored(deciding, id, 'ANSWER_INVALID', field.failure?.message ?? 'the answer is too large')
}

const pathCharactersMax = 1000

function ignored(deciding: Deciding, id: string, code: string, message: string): void {
  emit(deciding, 'signal.ignored', { id, because: { code, message } })
}

type Given = { readonly answer: JsonObject } | { readonly code: string; readonly problem: string }

function answerOf(step: StepState, fields: Answer['fields']): Given | undefined {
  const { node, status, reply, stopping } = step
  if (node.kind !== 'ask' || status !== 'waiting' || reply !== undefined || stopping !== undefined) return undefined
  const { hash, choice, form, comment } = fields
  if (hash !== step.hash)
    return { code: 'TASK_CHANGED', problem: 'the answer is to another question: what is shown has another hash' }
  if (comment !== undefined && typeof comment !== 'string') return invalid('the comment is no text')
  const said = comment === undefined ? {} : { comment }
  if (node.choices !== undefined) {
    if (form !== undefined) return invalid('there is no form to fill in')
    if (typeof choice !== 'string' || !node.choices.includes(choice)) {
      return invalid(`${describe(choice ?? null)} is none of the choices: ${node.choices.join(', ')}`)
    }
    return { answer: { choice, ...said } }
  }
  if (choice !== undefined) return invalid('there is nothing to choose from')
  const resolved = resolveInputs({ input: node.form ?? {} } as unknown as Definition, form ?? {})
  if ('problems' in resolved) {
    return invalid(resolved.problems.map(({ message }) => message.replace('the input', 'the field')).join('; '))
  }
  return { answer: { form: resolved.values, ...said } }
}

function invalid(problem: string): Given {
  return { code: 'ANSWER_INVALID', problem }
}
