import { typesIn, type TypedPlace } from '@segno/schema/editor'
import type { WorkflowContext } from './workflow-context.ts'

/** What is known of the values of a text, which need not be that of the document: each expression, and what it reads. */
export function typesOf({ file, read, handlers }: WorkflowContext, text: string): TypedPlace[] {
  return typesIn(text, { file, ...(read && { read }), ...(handlers && { handlers }) })
}
