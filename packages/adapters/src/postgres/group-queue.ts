import { createHash } from 'node:crypto'
import { StorageFault } from '@segno/core'
import { askRows, askRowsOn, causeOf, valueOf, withClient, type Statement, type TextRow } from './connection.ts'
import { isContention, sqlState } from './faults.ts'
import type { PostgresStore } from './store.ts'

/** Sends the calls of a function that many runs make at a time together. */
export interface GroupQueue {
  /** What the function in the store says of this call, once it is committed. */
  ask<Answer>(values: GroupValues): Promise<Answer>
}

/** What is given to the function: the id of the run first. */
export type GroupValues = readonly [runId: string, ...others: (string | number | null)[]]

/** A function in the store, and the types of what it is given. Of a type `x[]` a call gives one text, as PostgreSQL writes it. */
export interface GroupFunction {
  readonly name: string
  readonly types: readonly string[]
}

interface Waiting {
  readonly values: GroupValues
  readonly resolve: (answer: string) => void
  readonly reject: (error: unknown) => void
}

// While one group is committed, the answers to the other are dealt with.
const lanesMax = 2
const groupMax = 256
const groupBytesMax = 1024 * 1024

/**
 * Calls that come while others are on their way wait for each other, and are one statement, one transaction and one
 * sync of the log. One that comes alone is sent at once. Each hears of itself only.
 */
export function groupQueue(store: Pick<PostgresStore, 'pool' | 'schema' | 'ready'>, called: GroupFunction): GroupQueue {
  const texts = { one: oneText(store.schema, called), many: manyText(store.schema, called) }
  let waiting: Waiting[] = []
  let lanes = 0
  const take = (): Waiting[] => {
    let bytes = 0
    const fits = waiting.findIndex(
      ({ values }, index) => index >= groupMax || (bytes += sizeOf(values)) > groupBytesMax,
    )
    // One that is too large for any group is one by itself.
    const group = fits === -1 ? waiting : waiting.slice(0, Math.max(1, fits))
    waiting = fits === -1 ? [] : waiting.slice(group.length)
    return group
  }
  const lane = async (): Promise<void> => {
    lanes += 1
    while (waiting.length > 0) {
      let group: readonly Waiting[] | undefined
      try {
        // Taken once there is a connection: what has come by then goes along.
        const rows = await withClient(store.pool, async (client) => {
          group = take().toSorted(byRun)
          return group.length === 0 ? [] : await askRowsOn(client, statementFor(texts, group))
        })
        tell(group ?? [], rows)
      } catch (error) {
        await failed(group ?? take(), error)
      }
    }
    lanes -= 1
  }
  // A group that the server has refused has left nothing behind. Whose fault it was each hears by itself.
  const failed = async (group: readonly Waiting[], error: unknown): Promise<void> => {
    const isAgain = isRefused(error) && (group.length > 1 || isContention(causeOf(error)))
    const told = group.map(async ({ values, resolve, reject }) => {
      if (!isAgain) return reject(error)
      try {
        resolve(answerIn(await askRows(store.pool, { ...texts.one, values, writes: true })))
      } catch (own) {
        reject(own)
      }
    })
    await Promise.all(told)
  }
  return {
    async ask(values) {
      await store.ready()
      const answer = await new Promise<string>((resolve, reject) => {
        waiting.push({ values, resolve, reject })
        if (lanes < lanesMax) void lane()
      })
      return JSON.parse(answer)
    },
  }
}

type Kept = Required<Pick<Statement, 'text' | 'name'>>

function oneText(schema: string, { name, types }: GroupFunction): Kept {
  return named(`SELECT ${schema}.${name}(${types.map((type, index) => `$${index + 1}::${type}`).join(', ')})`)
}

function manyText(schema: string, { name, types }: GroupFunction): Kept {
  const columns = types.map((_, index) => `c${index + 1}`)
  const given = types.map((type, index) => `$${index + 1}::${type.endsWith('[]') ? 'text' : type}[]`)
  const values = types.map((type, index) => `c${index + 1}::${type}`)
  return named(`SELECT ${schema}.${name}(${values.join(', ')}), place
    FROM unnest(${given.join(', ')}) WITH ORDINALITY AS given (${columns.join(', ')}, place)`)
}

// A connection may be shared with other stores, and with other versions of this one.
function named(text: string): Kept {
  return { text, name: `segno_${createHash('sha256').update(text).digest('hex').slice(0, 32)}` }
}

function statementFor({ one, many }: Readonly<Record<'one' | 'many', Kept>>, group: readonly Waiting[]): Statement {
  const [first, ...others] = group
  if (first !== undefined && others.length === 0) return { ...one, values: first.values, writes: true }
  const values = (first?.values ?? []).map((_, index) => group.map((call) => call.values[index]))
  return { ...many, values, writes: true }
}

// In one order, so that two who write to the same runs wait for each other and not for ever.
function byRun({ values: [a] }: Waiting, { values: [b] }: Waiting): number {
  return a < b ? -1 : Number(a > b)
}

function tell(group: readonly Waiting[], rows: readonly TextRow[]): void {
  const told = new Map(rows.map((row) => [Number(row[1] ?? 1), row]))
  for (const [index, { resolve, reject }] of group.entries()) {
    const row = told.get(index + 1)
    if (row === undefined) reject(untold())
    else resolve(answerIn([row]))
  }
}

function answerIn(rows: readonly TextRow[]): string {
  return valueOf(rows) ?? 'null'
}

function sizeOf(values: GroupValues): number {
  return values.reduce<number>((size, value) => size + (typeof value === 'string' ? value.length : 8), 0)
}

function isRefused(error: unknown): boolean {
  return error instanceof StorageFault && !error.ambiguous && sqlState(causeOf(error)) !== undefined
}

function untold(): StorageFault {
  return new StorageFault('STORAGE_UNAVAILABLE', 'PostgreSQL: a call got no answer.', { ambiguous: true })
}
