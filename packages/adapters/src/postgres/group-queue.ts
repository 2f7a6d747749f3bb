import { createHash } from 'node:crypto'
import { StorageFault } from '@segno/core'
import { askRows, askRowsOn, causeOf, withClient, type Statement, type TextRow } from './connection.ts'
import { isContention, sqlState } from './faults.ts'
import type { PostgresStore } from './store.ts'
import { textArray } from './text-array.ts'

/** Sends the calls that many runs make at a time together. */
export interface GroupQueue {
  /** The row that the store gives for this call, once it is committed. */
  ask(values: GroupValues): Promise<TextRow>
}

/** What is given with a call: the id of the run first. */
export type GroupValues = readonly [runId: string, ...others: (string | number | null)[]]

/** What the store is asked for the calls of a queue. */
export interface GroupedCalls {
  /** For a call by itself. */
  readonly one: (values: GroupValues) => KeptStatement
  /** For many, given an array for each value: a row for each call, with its place among them, from 1, as the last column. */
  readonly many: KeptStatement
  /** For a call that got no row, as nothing was done for it. Without it each gets one. */
  readonly otherwise?: string
}

/** A statement that a connection keeps, once it is read and planned. */
export type KeptStatement = Required<Pick<Statement, 'text' | 'name'>>

interface Waiting {
  readonly values: GroupValues
  readonly resolve: (row: TextRow) => void
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
export function groupQueue(store: Pick<PostgresStore, 'pool' | 'ready'>, calls: GroupedCalls): GroupQueue {
  const asked: Asked = { pool: store.pool, calls }
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
          return group.length === 0 ? [] : await askRowsOn(client, statementFor(calls, group))
        })
        tell(asked, group ?? [], rows)
      } catch (error) {
        await failed(asked, group ?? take(), error)
      }
    }
    lanes -= 1
  }
  return {
    async ask(values) {
      await store.ready()
      return new Promise<TextRow>((resolve, reject) => {
        waiting.push({ values, resolve, reject })
        if (lanes < lanesMax) void lane()
      })
    },
  }
}

/** What the store is asked where a function in it does one call. Of a type `x[]` a call gives one text, as PostgreSQL writes it. */
export function callsOf(schema: string, name: string, types: readonly string[]): GroupedCalls {
  const places = types.map((type, index) => `$${index + 1}::${type}`)
  const values = types.map((type, index) => `c${index + 1}::${type}`)
  const columns = types.map((_, index) => `c${index + 1}`)
  const one = keptStatement(`SELECT ${schema}.${name}(${places.join(', ')})`)
  const many = keptStatement(`SELECT ${schema}.${name}(${values.join(', ')}), place
    FROM unnest(${arraysOf(types)}) WITH ORDINALITY AS given (${columns.join(', ')}, place)`)
  return { one: () => one, many }
}

/** The places of a statement for many calls, in its text. */
export function arraysOf(types: readonly string[]): string {
  return types.map((type, index) => `$${index + 1}::${type.endsWith('[]') ? 'text' : type}[]`).join(', ')
}

/** A statement that is kept. Its name is of its text, since a connection may be shared with other stores, and with other versions of this one. */
export function keptStatement(text: string): KeptStatement {
  let name: string | undefined
  return {
    text,
    // Made when it is first needed: a process that has just begun has a run to go on with.
    get name() {
      name ??= `segno_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`
      return name
    },
  }
}

interface Asked {
  readonly pool: PostgresStore['pool']
  readonly calls: GroupedCalls
}

function statementFor({ one, many }: GroupedCalls, group: readonly Waiting[]): Statement {
  const [first, ...others] = group
  if (first !== undefined && others.length === 0) return { ...one(first.values), values: first.values, writes: true }
  const values = (first?.values ?? []).map((_, index) => arrayOf(group.map((call) => call.values[index] ?? null)))
  return { ...many, values, writes: true }
}

// Texts are given as the bytes that they are: written as one text, each quote of their JSON would be escaped.
function arrayOf(values: readonly (string | number | null)[]): unknown {
  const texts = values.filter((value) => typeof value !== 'number')
  return texts.length === values.length && texts.some((text) => text !== null) ? textArray(texts) : values
}

// In one order, so that two who write to the same runs wait for each other and not for ever.
function byRun({ values: [a] }: Waiting, { values: [b] }: Waiting): number {
  return a < b ? -1 : Number(a > b)
}

function tell(asked: Asked, group: readonly Waiting[], rows: readonly TextRow[]): void {
  const told = new Map(rows.map((row) => [group.length === 1 ? 1 : Number(row.at(-1)), row]))
  for (const [index, { values, resolve, reject }] of group.entries()) {
    const row = told.get(index + 1)
    if (row === undefined) judge(asked, values).then(resolve, reject)
    else resolve(row)
  }
}

async function judge({ pool, calls: { otherwise } }: Asked, values: GroupValues): Promise<TextRow> {
  const [row] = otherwise === undefined ? [] : await askRows(pool, { text: otherwise, values, writes: true })
  if (row === undefined) throw untold()
  return row
}

// A group that the server has refused has left nothing behind. Whose fault it was each hears by itself.
async function failed(asked: Asked, group: readonly Waiting[], error: unknown): Promise<void> {
  const isAgain = isRefused(error) && (group.length > 1 || isContention(causeOf(error)))
  const told = group.map(async ({ values, resolve, reject }) => {
    if (!isAgain) return reject(error)
    try {
      const [row] = await askRows(asked.pool, { ...asked.calls.one(values), values, writes: true })
      resolve(row ?? (await judge(asked, values)))
    } catch (own) {
      reject(own)
    }
  })
  await Promise.all(told)
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
