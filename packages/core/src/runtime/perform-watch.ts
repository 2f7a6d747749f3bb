import { isJsonObject, parseDuration } from '@segno/schema/plan'
import type { Json } from '@segno/schema/plan'
import type { AttemptOutcome } from '../kernel/decide.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import { failureOf, finalFailure } from './failure.ts'

/** What a watch looks with. */
export interface WatchMeans {
  readonly glob: NonNullable<Files['glob']>
  readonly clock: Clock
}

/** Looks for files until there are enough. Nothing is recorded between two looks: who takes the run over looks again. */
export function performWatch(
  { glob, clock }: WatchMeans,
  input: Json,
  { signal }: { readonly signal: AbortSignal },
  settle: (outcome: AttemptOutcome) => void,
): void {
  const wanted = wantedOf(input)
  if ('kind' in wanted) {
    queueMicrotask(() => settle(wanted))
    return
  }
  let cancel: (() => void) | undefined
  const look = (): void => {
    glob(wanted.pattern).then(
      (files) => {
        if (signal.aborted) return
        if (files.length >= wanted.minCount) {
          signal.removeEventListener('abort', stop)
          settle({ kind: 'completed', output: { files: [...files].toSorted() } })
        } else cancel = clock.schedule(wanted.everyMs, look)
      },
      (error: unknown) => {
        if (!signal.aborted) settle({ kind: 'failed', failure: failureOf(error) })
      },
    )
  }
  const stop = (): void => {
    cancel?.()
    const message = 'the watch was told to stop'
    queueMicrotask(() => settle({ kind: 'failed', failure: { code: 'CANCELLED', message, retryable: true } }))
  }
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  else look()
}

interface Wanted {
  readonly pattern: string
  readonly minCount: number
  readonly everyMs: number
}

function wantedOf(input: Json): Wanted | AttemptOutcome {
  const { glob, minCount, every } = isJsonObject(input) ? input : {}
  if (typeof glob !== 'string' || glob === '') return misfit('TYPE_MISMATCH', '`glob`', glob, 'a pattern')
  if (typeof minCount !== 'number' || !Number.isSafeInteger(minCount) || minCount < 1) {
    return misfit('TYPE_MISMATCH', '`minCount`', minCount, 'a whole number of at least 1')
  }
  const everyMs = typeof every === 'string' ? parseDuration(every) : undefined
  if (everyMs === undefined || everyMs <= 0)
    return misfit('DURATION_INVALID', '`every`', every, 'a duration such as 5s')
  return { pattern: glob, minCount, everyMs }
}

function misfit(
  code: 'TYPE_MISMATCH' | 'DURATION_INVALID',
  what: string,
  got: Json | undefined,
  expected: string,
): AttemptOutcome {
  const message = `${what} is ${JSON.stringify(got) ?? 'missing'}; expected ${expected}`
  return { kind: 'failed', failure: finalFailure(code, message) }
}
