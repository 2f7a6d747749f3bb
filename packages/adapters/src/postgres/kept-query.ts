import type { Connection } from 'pg'
import type { TextRow } from './connection.ts'

/** A value of a statement, sent as text. */
export type TextValue = string | number | null

/**
 * A question by a statement that its connection has kept, in the shape in which `pg` takes queries of others. It asks for
 * the rows alone: `pg` itself asks each time what their columns are, and reads that before the rows.
 */
export class KeptQuery {
  /** Told once. `pg` puts its limit of time around it. */
  callback: (error: Error | null | undefined) => void
  readonly rows: TextRow[] = []
  readonly #statement: string
  readonly #values: (string | null)[]

  constructor(statement: string, values: readonly TextValue[], callback: KeptQuery['callback']) {
    this.#statement = statement
    this.#values = values.map((value) => (typeof value === 'number' ? String(value) : value))
    this.callback = callback
  }

  submit(connection: Connection): void {
    const { stream } = connection
    // In one packet.
    stream.cork()
    try {
      connection.bind({ statement: this.#statement, values: this.#values }, true)
      connection.execute(null, true)
      connection.sync()
    } finally {
      stream.uncork()
    }
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    this.rows.push(fields)
  }

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null)
  }

  handleCommandComplete(): void {}
}

/** Whether all of these are sent as text. */
export function areTexts(values: readonly unknown[]): values is readonly TextValue[] {
  return values.every((value) => value === null || typeof value === 'string' || typeof value === 'number')
}
