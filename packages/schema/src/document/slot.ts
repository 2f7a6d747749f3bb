import * as z from 'zod/mini'
import type { Json } from '../json.ts'
import { parseDuration } from '../plan/duration.ts'
import { expected } from './construct.ts'
import { identifierPattern } from './identifier.ts'

/** Any JSON value; depth and number of nodes are bounded before. */
export const Value = z.json() as z.ZodMiniType<Json>

/** Free text. */
export const Text = z.string({ error: expected('text') })

/** A name that expressions use. */
export const Identifier = z.string({ error: expected('a name') }).check(
  z.regex(identifierPattern, {
    error: expected('a name such as draft_1 (a letter, then letters, digits and _; at most 64)'),
  }),
)

/** True or false. */
export const Flag = z.boolean({ error: expected('true or false') })

/** A failure code, as `retry.on` and `catch.on` match it. */
export const Code = z
  .string({ error: expected('a failure code such as PAYMENT_DECLINED') })
  .check(z.regex(/^[A-Za-z][A-Za-z0-9_.:-]{0,127}$/, { error: expected('a failure code such as PAYMENT_DECLINED') }))

const slotError = { error: expected('an expression such as steps.review.output.ok') }

/** An expression, with or without `${{ }}`; a boolean may stand there too. */
export const Slot = z.union([z.string().check(z.minLength(1, slotError)), z.boolean()], slotError)

/** A duration, or a template that gives one. */
export const Duration = z.string({ error: expected('a duration such as 10m') }).check(
  z.refine((text) => text.includes('${{') || parseDuration(text) !== undefined, {
    error: expected('a duration such as 10m'),
  }),
  z.meta({ examples: ['250ms', '10s', '5m', '1h30m', '2d', 'PT5M'] }),
)

/** A duration that is known before the run. */
export const FixedDuration = z.string({ error: expected('a duration such as 10m') }).check(
  z.refine((text) => parseDuration(text) !== undefined, { error: expected('a duration such as 10m') }),
  z.meta({ examples: ['1h', '2d'] }),
)

/** A whole number from `minimum`. */
export function count(minimum: number): z.ZodMiniType<number> {
  const error = expected(minimum > 0 ? `a whole number from ${minimum}` : 'a whole number, 0 or more')
  return z.int({ error }).check(z.minimum(minimum, { error }))
}

const countError = { error: expected('a whole number from 1, or an expression in ${{ }}') }

/** A whole number from 1, or a template that gives one. */
export const CountOrTemplate = z.union(
  [z.int(countError).check(z.minimum(1, countError)), z.string().check(z.regex(/\$\{\{/, countError))],
  countError,
) as z.ZodMiniType<number | string>

/** Text by text. */
export const Labels = z.record(z.string(), Text, { error: expected('a map of text') })
