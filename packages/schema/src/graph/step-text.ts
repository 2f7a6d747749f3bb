import type { AskStep, Duration, ExpressionText, HttpStep, RunStep, Step, StepKind } from '../definition.ts'
import { kindOf } from '../definition.ts'
import { cutText } from './cut-text.ts'

const labelMax = 48
const detailMax = 44
const expressionMax = 48

/** What a step, or a list of a block, is called. */
export function labelText(text: string): string {
  return cutText(text, labelMax)
}

/** An expression as it is shown: without its marks, and cut. */
export function expressionText(expression: ExpressionText | boolean, max: number = expressionMax): string {
  const text = String(expression).trim()
  const [, inside] = /^\$\{\{([^]*)\}\}$/.exec(text) ?? []
  return cutText(inside === undefined || inside.includes('${{') ? text : inside, max)
}

/** What a step does it with, in a few words. */
export function detailOf(step: Step): string | undefined {
  const kind = kindOf(step)
  const text = words[kind](step as never)
  const limit = waits.has(kind) && 'timeout' in step ? step.timeout : undefined
  const all = [...(text === undefined ? [] : [cutText(text, detailMax)]), ...(limit ? [`at most ${shown(limit)}`] : [])]
  return all.length === 0 ? undefined : all.join(' · ')
}

const waits: ReadonlySet<StepKind> = new Set(['waitFor', 'ask', 'watch'])

type Words = { readonly [K in StepKind]: (step: Extract<Step, Readonly<Record<K, unknown>>>) => string | undefined }

const words: Words = {
  uses: ({ uses }) => uses,
  exec: ({ exec }) => exec.map(String).join(' '),
  run: scriptText,
  agent: ({ agent, candidates }) => (candidates ? `${agent} · ${candidates.length} candidates` : agent),
  http: requestText,
  call: ({ call }) => call,
  start: ({ start, wait, detached }) =>
    [start, ...(wait === false ? ['not awaited'] : []), ...(detached === true ? ['detached'] : [])].join(' · '),
  set: ({ set }) => Object.keys(set).join(', '),
  assert: ({ assert }) => expressionText(assert, detailMax),
  sleep: ({ sleep }) => shown(sleep),
  sleepUntil: ({ sleepUntil }) => expressionText(sleepUntil, detailMax),
  waitFor: ({ waitFor }) => expressionText(waitFor.signal, detailMax),
  ask: ({ ask }: AskStep) => ask.title,
  watch: ({ watch }) => watch.glob,
  emit: ({ emit: { signal = '', reply, to } }) =>
    reply !== undefined ? `reply to ${reply}` : to === undefined ? signal : `${signal} to ${to}`,
  do: () => undefined,
  if: () => undefined,
  match: () => undefined,
  parallel: ({ concurrency, join, failFast }) =>
    joined([
      ...(concurrency === undefined ? [] : [`${shown(String(concurrency))} at a time`]),
      ...(join === undefined || join === 'all' ? [] : [join === 'any' ? 'any one' : `at least ${join.atLeast}`]),
      ...(failFast === false ? ['to the end'] : []),
    ]),
  forEach: ({ forEach: { concurrency, collect } }) =>
    joined([
      ...(concurrency === undefined ? [] : [`${shown(String(concurrency))} at a time`]),
      ...(collect === true ? ['failures are collected'] : []),
    ]),
  repeat: ({ repeat: { every } }) => (every === undefined ? undefined : `every ${shown(every)}`),
  try: () => undefined,
  states: () => undefined,
  return: ({ return: given }) => Object.keys(given).join(', '),
  fail: ({ fail }) => fail.code,
}

function joined(parts: readonly string[]): string | undefined {
  return parts.length === 0 ? undefined : parts.join(' · ')
}

function shown(text: Duration): string {
  return expressionText(text, 24)
}

// A script of one line says itself what it does.
function scriptText({ run, shell = 'sh' }: RunStep): string {
  const lines = run.trim().split('\n')
  return lines.length === 1 ? (lines[0] ?? '') : `${shell} · ${lines.length} lines`
}

// Whoever writes a password into a URL does not want it in a picture.
function requestText({ http: { method = 'GET', url } }: HttpStep): string {
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url) ?? []
  const host = authority?.replace(/^.*@/, '')
  return `${method} ${host === undefined || host === '' ? url.replace(/[?#][^]*$/, '') : host}`
}
