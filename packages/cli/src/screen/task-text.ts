import type { Answer, Task } from '@segno/core'
import type { InputProperty, Json } from '@segno/schema'
import { shellWords } from '../shell-words.ts'
import { harmless } from './harmless.ts'
import { printable, type Look } from './terminal.ts'
import { ago, dateTime, took } from './took.ts'

/** What a person is asked, and in which run. */
export interface OpenTask extends Task {
  readonly runId: string
}

/** How a question is shown. */
export interface TaskTextOptions extends Look {
  readonly now: number
  readonly same: readonly string[]
  /** Whether what it is about is shown in full. */
  readonly verbose: boolean
}

const hashShown = 12
const subjectMax = 2000

/** A question as a person reads it: what is asked, about what, what can be said, and how. */
export function taskLines(task: OpenTask, options: TaskTextOptions): string[] {
  const { paint, now, same } = options
  const { path, runId, title, body, choices, form, assignees, subject, askedAt, deadline, hash } = task
  const fact = (name: string, words: string): string => `  ${paint('dim', name.padEnd('deadline'.length))}  ${words}`
  const choice = choices?.[0]
  const answer = choice === undefined ? formWords(form) : ['--choice', choice]
  return [
    `${paint('bold', path)}  ${printable(title)}`,
    ...(body === undefined ? [] : ['', ...textLines(body)]),
    ...(subject === undefined ? [] : ['', ...subjectLines(subject, options)]),
    '',
    ...(choices === undefined ? [] : [fact('choices', choices.map(printable).join(', '))]),
    ...Object.entries(form ?? {}).map(([name, property], index) =>
      fact(index === 0 ? 'form' : '', fieldText(name, property)),
    ),
    ...(assignees === undefined ? [] : [fact('for', assignees.map(printable).join(', '))]),
    fact('asked', ago(now - askedAt)),
    ...(deadline === undefined ? [] : [fact('deadline', `${dateTime(deadline)}, in ${took(deadline - now)}`)]),
    fact('hash', hash.slice(0, hashShown)),
    fact('answer', shellWords(['segno', 'answer', runId, path, ...answer, ...same])),
  ]
}

/** An answer in a few words. */
export function answerWords({ choice, form, comment }: Answer): string {
  const what = choice ?? JSON.stringify(form)
  return comment === undefined ? what : `${what} (${comment})`
}

function textLines(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${harmless(line)}`.trimEnd())
}

function subjectLines(subject: Json, { verbose, glyphs }: TaskTextOptions): string[] {
  const text = typeof subject === 'string' ? subject : JSON.stringify(subject, null, 2)
  const isCut = text.length > subjectMax && !verbose
  return textLines(
    isCut ? `${text.slice(0, subjectMax)}\n${glyphs.ellipsis} (all of it with -v or --format json)` : text,
  )
}

function fieldText(name: string, property: InputProperty): string {
  const {
    type,
    enum: values,
    description,
    default: value,
    optional,
  } = property as { readonly [key: string]: Json | undefined }
  const types = typeof type === 'string' ? [type] : Array.isArray(type) ? [type.join(' or ')] : []
  const parts = [
    ...(Array.isArray(values) ? [`one of ${values.map((one) => JSON.stringify(one)).join(', ')}`] : types),
    ...(value !== undefined
      ? [`${JSON.stringify(value)} unless given`]
      : optional === true
        ? ['optional']
        : ['required']),
    ...(typeof description === 'string' ? [description] : []),
  ]
  return printable(`${name}: ${parts.join(', ')}`)
}

// What has to be given, or else whatever there is.
function formWords(form: Task['form'] = {}): readonly string[] {
  const fields = Object.entries(form)
  const needed = fields.filter(([, { default: value, optional }]) => value === undefined && optional !== true)
  return (needed.length > 0 ? needed : fields.slice(0, 1)).flatMap(([name]) => ['--form', `${name}=…`])
}
