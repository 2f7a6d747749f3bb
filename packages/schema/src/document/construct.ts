import { en } from 'zod/locales'
import * as z from 'zod/mini'
import { didYouMean } from '../diagnostic/suggest.ts'
import { valueText } from '../diagnostic/value-text.ts'

// `zod/mini` comes without words: what a schema has no message for is told in English, unless the host chose a language.
if (z.config().localeError === undefined) z.config(en())

/** The schemas of a construct's keys: none missing, none beside, each of its type. */
export type Shape<T> = { readonly [Key in keyof T as Key extends `x-${string}` ? never : Key]-?: z.ZodMiniType<T[Key]> }

/** What an issue about an unknown key says in its `params`, for those who mend it. */
export interface UnknownKey {
  readonly diagnostic: 'UNKNOWN_KEY'
  readonly key: string
  readonly allowed: readonly string[]
}

/**
 * A map with the keys of `shape` and no others, except `x-*`, which are free in
 * every construct and not looked at. `others` are keys that would make it
 * another construct: not allowed either, but perhaps what was meant.
 */
export function construct<T>(shape: Shape<NoInfer<T>>, others: readonly string[] = []): z.ZodMiniType<T> {
  const allowed = Object.keys(shape)
  const meant = [...allowed, ...others]
  const refuseUnknownKeys = (value: unknown, context: z.core.$RefinementCtx): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    for (const key of Object.keys(value)) {
      if (key.startsWith('x-') || allowed.includes(key)) continue
      const params: UnknownKey = { diagnostic: 'UNKNOWN_KEY', key, allowed: meant }
      const hint = didYouMean(key, meant)
      const message = `unknown key "${key}"${hint === undefined ? '' : `, ${hint}`}`
      context.addIssue({ code: 'custom', path: [key], message, params: { ...params } })
    }
  }
  // Without `when`, another mistake in the same map would hide the unknown keys.
  return z
    .looseObject(shape, { error: expected('a map') })
    .check(z.superRefine(refuseUnknownKeys, { when: () => true })) as unknown as z.ZodMiniType<T>
}

/** The message of a schema: what it takes, in human words, and what it got. */
export function expected(what: string): (issue: { readonly input?: unknown }) => string {
  return (issue) => `expected ${what}, got ${valueText(issue.input)}`
}
