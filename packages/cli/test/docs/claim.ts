import { parseDuration, type Json, type JsonObject } from 'segno'
import type { Block } from './page.ts'

/** A line below an example: what happens to a run of it, and what comes of that. */
export interface Claim {
  readonly line: string
  readonly input: JsonObject
  /** In the order in which they are told. */
  readonly happenings: readonly Happening[]
  /** The signals that it emits to its listeners. */
  readonly emits: readonly { readonly name: string; readonly data: Json }[]
  /** The steps that are taken back, in that order. */
  readonly takesBack: readonly string[]
  readonly ends: string
  /** An output as JSON, or a code. */
  readonly with?: string
  readonly after?: string
}

/** What happens to a run from outside, so long after its start. */
export type Happening = { readonly afterMs: number } & (
  | { readonly kind: 'signal'; readonly name: string; readonly data: Json }
  | { readonly kind: 'answer'; readonly by: string; readonly to: string; readonly said: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'cancel' }
)

const after = '(?: after `(?<after>\\w+)`)?'
const forms = {
  input: /^given `(?<input>[^`]+)`$/,
  signal: new RegExp(`^(?:given|then) the signal \`(?<name>[^\`]+)\`(?: with \`(?<data>[^\`]+)\`)?${after}$`),
  answer: new RegExp(`^when \`(?<by>[^\`]+)\` answers \`(?<said>[^\`]+)\` to \`(?<to>[^\`]+)\`${after}$`),
  file: new RegExp(`^when the file \`(?<path>[^\`]+)\` appears${after}$`),
  cancel: new RegExp(`^cancelled${after}$`),
  emits: /^emits `(?<name>[^`]+)`(?: with `(?<data>[^`]+)`)?$/,
  takesBack: /^takes back (?<paths>`[^`]+`(?: and `[^`]+`)*)$/,
  ends: new RegExp(
    `^(?<ends>completes|fails|is blocked|is cancelled|is refused)(?: with \`(?<with>[^\`]+)\`)?${after}$`,
  ),
} as const

/** The claims of an example: the list right below it. */
export function claimsOf({ after: text }: Block): Claim[] {
  const [list = ''] = /^(?:- .*\n?)*/.exec(text) ?? []
  return [...list.matchAll(/^- (.*)$/gm)].map(([, line = '']) => claimOf(line))
}

function claimOf(line: string): Claim {
  const parts = line.split(/, (?=[^`]*(?:`[^`]*`[^`]*)*$)/).map((text) => partOf(text, line))
  const of = (kind: keyof typeof forms): Fields[] => parts.flatMap((part) => (part.kind === kind ? [part.fields] : []))
  const [end] = of('ends')
  if (end === undefined || parts.at(-1)?.kind !== 'ends') throw new Error(`no claim: ${line}`)
  return {
    line,
    input: JSON.parse(of('input')[0]?.['input'] ?? '{}') as JsonObject,
    happenings: parts.flatMap(happeningsOf),
    emits: of('emits').map(({ name = '', data = 'null' }) => ({ name, data: JSON.parse(data) as Json })),
    takesBack: of('takesBack').flatMap(({ paths = '' }) => paths.split(' and ').map((path) => path.slice(1, -1))),
    ends: end['ends'] ?? '',
    ...(end['with'] === undefined ? {} : { with: end['with'] }),
    ...(end['after'] === undefined ? {} : { after: end['after'] }),
  }
}

type Fields = Readonly<Record<string, string | undefined>>

interface Part {
  readonly kind: keyof typeof forms
  readonly fields: Fields
}

function partOf(text: string, line: string): Part {
  for (const kind of Object.keys(forms) as (keyof typeof forms)[]) {
    const fields = forms[kind].exec(text)?.groups
    if (fields !== undefined) return { kind, fields }
  }
  throw new Error(`no claim: "${text}" in "${line}"`)
}

function happeningsOf({ kind, fields }: Part): Happening[] {
  const { name = '', data = 'null', by = '', to = '', said = '', path = '' } = fields
  const afterMs = parseDuration(fields['after'] ?? '0ms') ?? 0
  switch (kind) {
    case 'signal':
      return [{ kind, afterMs, name, data: JSON.parse(data) as Json }]
    case 'answer':
      return [{ kind, afterMs, by, to, said }]
    case 'file':
      return [{ kind, afterMs, path }]
    case 'cancel':
      return [{ kind, afterMs }]
    default:
      return []
  }
}
