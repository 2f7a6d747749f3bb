import type { RunRow } from '@segno/core/storage'

/** A label as it is looked for: JSON text, which keeps every name and value apart. */
export function labelText(name: string, value: string): string {
  return JSON.stringify([name, value])
}

/** A condition that a run has all of these labels, and what is bound to it; nothing where there are none. */
export function labelled(labels: RunRow['labels'] | undefined): { readonly sql: string; readonly values: string[] } {
  const values = Object.entries(labels ?? {}).map(([name, value]) => labelText(name, value))
  const sql = ' AND EXISTS (SELECT 1 FROM segno_labels WHERE run = segno_runs.id AND label = ?)'
  return { sql: sql.repeat(values.length), values }
}
