import { parseDuration, parseExpression, parseTemplate, stripMarks } from '@segno/schema/plan'
import type { Duration, Expression, Json, Retry, Template } from '@segno/schema/plan'
import { SegnoError } from '../error.ts'
import type { PlanDuration, PlanRetry } from './plan.ts'

const hourMs = 3_600_000

/** What an expression slot holds. */
export function expression(source: string | boolean): Expression {
  const { text } = stripMarks(String(source))
  const parsed = parseExpression(text)
  if ('mistake' in parsed) throw unchecked(`the expression "${text}": ${parsed.mistake.message}`)
  return parsed.expression
}

export function optionalExpression(source: string | boolean | undefined): Expression | undefined {
  return source === undefined ? undefined : expression(source)
}

/** A value that may hold `${{ }}`. */
export function template(value: Json): Template {
  const parsed = parseTemplate(value)
  if ('template' in parsed) return parsed.template
  throw unchecked(`a template: ${parsed.mistakes.map(({ mistake }) => mistake.message).join('; ')}`)
}

export function optionalTemplate(value: Json | undefined): Template | undefined {
  return value === undefined ? undefined : template(value)
}

export function duration(value: Duration): PlanDuration {
  const parsed = template(value)
  if (!parsed.constant) return parsed
  const ms = parseDuration(value)
  if (ms === undefined) throw unchecked(`the duration "${value}"`)
  return ms
}

export function retry(policy: Retry): PlanRetry {
  const { max, delay = '1s', maxDelay, backoff = 'exponential', jitter = true, on, except } = policy
  return {
    max,
    delayMs: duration(delay),
    maxDelayMs: maxDelay === undefined ? hourMs : duration(maxDelay),
    factor: backoff === 'exponential' ? 2 : 1,
    jitter,
    on: on === undefined ? undefined : new Set(on),
    except: except === undefined ? undefined : new Set(except),
  }
}

/** An error for what a checked definition does not hold. */
export function unchecked(what: string): SegnoError {
  return new SegnoError('DEFINITION_INVALID', `The definition was not checked before it was compiled: ${what}`)
}
