import type { Definition, Json, RunEvent } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../../src/ports/clock.ts'
import { memoryStorage } from '../../src/runtime/memory-storage.ts'
import { bookingStorage } from './booking-storage.ts'
import type { BookingOptions } from './booking-storage.ts'
import { crashMatrix } from '../../src/testing/crash-matrix.ts'
import type { CrashMatrixReport, MatrixStore } from '../../src/testing/crash-matrix.ts'
import type { HandlerContext } from '../../src/runtime/handler.ts'

/** Bookings before and after other work, side by side, in a loop, of an attempt that fails, and one that takes others back. */
const bookings: Definition = {
  segno: 1,
  name: 'bookings',
  output: { told: { type: 'string', value: '${{ steps.told.output }}' } },
  steps: [
    { id: 'debit', uses: 'book', undo: { uses: 'book' } },
    { id: 'told', uses: 'tell', output: { schema: { type: 'string' } } },
    { id: 'flaky', uses: 'flaky', retry: { max: 3, delay: '1s', jitter: false } },
    {
      id: 'both',
      parallel: [
        { id: 'left', uses: 'book' },
        { id: 'right', uses: 'book' },
      ],
    },
    { id: 'each', forEach: { in: '${{ [1, 2] }}', as: 'item' }, do: [{ id: 'line', uses: 'book' }] },
    { id: 'refused', uses: 'refused', onFailure: 'continue' },
    { id: 'credit', uses: 'book' },
  ],
}

const taken: Definition = {
  ...bookings,
  name: 'taken',
  output: {},
  steps: [...bookings.steps.slice(0, 3), { id: 'stop', fail: { code: 'LATE', message: 'stop' } }],
}

async function book({ sql, path }: HandlerContext): Promise<Json> {
  if (sql === undefined) throw new Error('there is no transaction')
  await sql.query('INSERT INTO bookings (path) VALUES (?)', [path])
  return path
}

const handlers = {
  book: { effect: 'tx' as const, perform: book },
  // What the first attempt booked is gone with it.
  flaky: {
    effect: 'tx' as const,
    perform: async (context: HandlerContext): Promise<Json> => {
      const booked = await book(context)
      if (context.attempt === 1) throw new Error('busy')
      return booked
    },
  },
  refused: {
    effect: 'tx' as const,
    perform: async (context: HandlerContext): Promise<never> => {
      await book(context)
      throw new Error('refused')
    },
  },
  tell: () => 'told',
}

/** A new store for each play, and what is wrong with its table once the play is over. */
function stores(options: Omit<BookingOptions, 'leaseMs'> = {}) {
  const wrong: string[] = []
  let plays = 0
  const store = (clock: Clock): MatrixStore => {
    const memory = memoryStorage({ now: () => clock.now() })
    const { storage, booked } = bookingStorage(memory, { leaseMs: 24 * 3_600_000, ...options })
    return {
      open: async () => storage,
      close: async () => {
        plays++
        const events: RunEvent[] = []
        for await (const page of memory.read('run', 1)) events.push(...page)
        wrong.push(...misbooked(events, booked))
      },
    }
  }
  return { store, wrong, plays: () => plays }
}

// A booking is there exactly if the success of its step is recorded, and once.
function misbooked(events: readonly RunEvent[], booked: readonly string[]): string[] {
  const attempted = new Set(
    events.flatMap((event) => (event.type === 'attempt.started' && event.effect === 'tx' ? [event.path] : [])),
  )
  const done = events.flatMap((event) =>
    event.type === 'step.completed' && attempted.has(event.path) ? [event.path] : [],
  )
  return [...new Set([...attempted, ...booked])].flatMap((path) => {
    const [rows, successes] = [booked, done].map((paths) => paths.filter((one) => one === path).length)
    return rows === successes ? [] : [`"${path}" succeeded ${successes} times and is booked ${rows} times`]
  })
}

async function matrix(workflow: Definition, { store }: ReturnType<typeof stores>): Promise<CrashMatrixReport> {
  return crashMatrix(workflow, { handlers, store })
}

describe('what a tx step books is there exactly if its success is recorded, and once,', () => {
  test.for([
    ['in a run that completes', bookings, 'completed'],
    ['in a run that takes back what it did', taken, 'failed'],
  ] as const)('with a crash after any event, %s', async ([, workflow, status]) => {
    const all = stores()
    const { reference, crashes } = await matrix(workflow, all)

    expect(all.wrong).toEqual([])
    expect(reference.status).toBe(status)
    expect(crashes.length).toBeGreaterThan(13)
    expect(all.plays()).toBe(crashes.length + 1)
  })

  test.for(['failed', 'answerLost'] as const)('with a commit that ends as: %s, and a crash beside it', async (how) => {
    const struck: number[] = []
    const all = stores({
      commitEndsAs: (commit) => {
        if (commit % 3 !== 2) return 'ok'
        struck.push(commit)
        return how
      },
    })
    const { reference } = await matrix(bookings, all)

    expect(all.wrong).toEqual([])
    expect(reference).toEqual({ status: 'completed', output: { told: 'told' } })
    expect(struck.length).toBeGreaterThan(15)
  })
})

test('a store that commits before the append is found by it', async () => {
  const all = stores({ commitsBeforeTheAppend: true })
  await matrix(bookings, all)

  expect(all.wrong).toContain('"refused" succeeded 0 times and is booked 1 times')
  expect(all.wrong).toContain('"flaky" succeeded 1 times and is booked 2 times')
})
