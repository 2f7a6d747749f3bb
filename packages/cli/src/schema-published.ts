import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

/** A JSON Schema of draft 07 with the keywords of editors, that is being written. */
export type EditorSchema = { [keyword: string]: unknown }

/** The schema of workflows for editors. */
export interface WorkflowSchema extends EditorSchema {
  readonly definitions: Record<string, EditorSchema>
}

/** A fresh copy of the schema that is published. */
export function publishedSchema(): WorkflowSchema {
  const path = createRequire(import.meta.url).resolve('@segno/schema/workflow.draft-07.schema.json')
  return JSON.parse(readFileSync(path, 'utf8')) as WorkflowSchema
}

/** The schema that lies further in, by the names that lead there. */
export function schemaAt(schema: EditorSchema, ...names: readonly string[]): EditorSchema {
  return names.reduce<EditorSchema>((one, name) => {
    const inside = one[name]
    if (typeof inside !== 'object' || inside === null) throw new Error(`the published schema has no ${names.join('/')}`)
    return inside as EditorSchema
  }, schema)
}

/** Asks more of what a definition describes. */
export function askMore(schema: EditorSchema, more: readonly EditorSchema[]): void {
  schema['allOf'] = [...((schema['allOf'] as readonly EditorSchema[] | undefined) ?? []), ...more]
}
