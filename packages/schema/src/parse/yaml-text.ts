import type { Scalar } from 'yaml'
import type { Json } from '../json.ts'

/** How a text is written: in the quotes that stood in its place, and so that a reader of JSON alone takes it too. */
export interface TextStyle {
  readonly type?: Scalar.Type | undefined
  readonly isJson: boolean
}

/** A value as YAML on one line, as people write it. */
export function yamlText(value: Json, style: TextStyle): string {
  if (typeof value === 'string') return scalarText(value, style)
  if (typeof value !== 'object' || value === null) return String(value)
  const { isJson } = style
  if (Array.isArray(value)) return `[${value.map((item: Json) => yamlText(item, { isJson })).join(', ')}]`
  const entries = Object.entries(value).map(
    ([key, field]) => `${scalarText(key, { isJson })}: ${yamlText(field ?? null, { isJson })}`,
  )
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

function scalarText(text: string, { type, isJson }: TextStyle): string {
  if (type === 'QUOTE_SINGLE' && !/[\p{Cc}]/u.test(text)) return `'${text.replaceAll("'", "''")}'`
  const isPlain = !isJson && type !== 'QUOTE_DOUBLE' && plain.test(text) && !words.test(text)
  return isPlain ? text : JSON.stringify(text)
}

// Less than YAML takes; what is left over is quoted.
const plain = /^(?:[A-Za-z_]|\.{0,2}\/)[\w$./-]*(?: [\w$./-]+)*$/
const words = /^(?:true|false|null|yes|no|on|off)$/i

/** A part of a text as it stands inside of a scalar; `undefined` where the scalar cannot hold it. */
export function insideScalar(part: string, type: Scalar.Type | undefined, isFlow: boolean): string | undefined {
  if (type === 'QUOTE_DOUBLE') return JSON.stringify(part).slice(1, -1)
  if (/[\p{Cc}]/u.test(part)) return undefined
  if (type === 'QUOTE_SINGLE') return part.replaceAll("'", "''")
  if (type !== 'PLAIN') return part
  // Without quotes, these end the text or begin something else.
  const isUnsafe = /:(?:\s|$)|\s#|^[^\w./(-]|^-\s/.test(part) || (isFlow && /[,[\]{}]/.test(part))
  return isUnsafe ? undefined : part
}
