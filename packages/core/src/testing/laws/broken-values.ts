import type { Json, RunEvent } from '@segno/schema/plan'
import { StorageFault } from '../../ports/storage-fault.ts'
import type { Storage } from '../../ports/storage.ts'
import type { BrokenStorage } from './broken-storages.ts'
import { without } from './without.ts'

/** Mistakes with values and their names. */
export const brokenValues: readonly BrokenStorage[] = [
  {
    name: 'keeps something else than it was given',
    breaks: 'nothing comes back as it went in',
    instead: (whole) => changing(whole, () => 'something else'),
  },
  {
    name: 'encodes text as UTF-8',
    breaks: 'a lone surrogate comes back as it went in',
    instead: (whole) => changing(whole, (value) => (typeof value === 'string' ? encoded(value) : value)),
  },
  {
    name: 'ends text at a NUL',
    breaks: 'a NUL comes back as it went in',
    instead: (whole) =>
      changing(whole, (value) => (typeof value === 'string' ? (value.split('\u0000')[0] ?? '') : value)),
  },
  {
    name: 'copies objects key by key',
    breaks: 'a key named __proto__ comes back as it went in',
    instead: (whole) => changing(whole, (value) => (isRecord(value) ? copied(value) : value)),
  },
  {
    name: 'writes before it refuses',
    breaks: 'a value that is refused leaves nothing behind',
    instead: (whole) => ({
      async append(request) {
        const answer = await whole.append(request)
        if (!JSON.stringify(request.events).includes('\\u0000')) return answer
        throw new StorageFault('VALUE_UNSUPPORTED', 'NUL', { ambiguous: false })
      },
    }),
  },
  {
    name: 'takes run ids for file names',
    breaks: 'run ids that differ only in case, or in how a letter is composed, are two runs',
    instead: (whole) => renaming(whole, (runId) => runId.normalize('NFC').toLowerCase()),
  },
  {
    name: 'takes run ids for paths',
    breaks: 'runs with odd names are runs of their own',
    instead: (whole) => renaming(whole, (runId) => runId.split(/[\\/]/).at(-1) ?? ''),
  },
  {
    name: 'trims the ids of messages',
    breaks: 'odd message ids, names, labels, batch ids and idempotency keys are kept apart',
    instead: (whole) => ({ deliver: (runId, message) => whole.deliver(runId, { ...message, id: message.id.trim() }) }),
  },
  {
    name: 'loses the blobs of an append',
    breaks: 'a blob is kept with the batch that names it, byte for byte',
    instead: (whole) => ({ append: (request) => whole.append(without(request, 'blobs')) }),
  },
  {
    name: 'keeps blobs for all runs together',
    breaks: 'a blob belongs to one run',
    instead: (whole) => {
      const texts = new Map<string, string>()
      return {
        async createRun(run, batch, options) {
          for (const { sha256, text } of batch.blobs ?? []) texts.set(sha256, text)
          return whole.createRun(run, batch, options)
        },
        getBlob: async (_, sha256) => texts.get(sha256),
      }
    },
  },
  {
    name: 'refuses a blob it has',
    breaks: 'the same blob in many batches is one blob',
    instead: (whole) => ({
      async append(request) {
        for (const { sha256 } of request.blobs ?? []) {
          if ((await whole.getBlob(request.runId, sha256)) === undefined) continue
          throw new StorageFault('STORAGE_UNAVAILABLE', 'The blob exists.', { ambiguous: false })
        }
        return whole.append(request)
      },
    }),
  },
]

function changing(whole: Storage, change: (value: Json) => Json): Partial<Storage> {
  const changed = (event: RunEvent): RunEvent =>
    event.type === 'step.completed' && event.output !== undefined ? { ...event, output: change(event.output) } : event
  return {
    deliver: (runId, message) => whole.deliver(runId, { ...message, payload: change(message.payload) }),
    append: (request) => whole.append({ ...request, events: request.events.map(changed) }),
  }
}

function renaming(whole: Storage, rename: (runId: string) => string): Partial<Storage> {
  const renamed = (event: RunEvent): RunEvent => ({ ...event, runId: rename(event.runId) })
  return {
    createRun: (run, batch, options) =>
      whole.createRun({ ...run, runId: rename(run.runId) }, { ...batch, events: batch.events.map(renamed) }, options),
    load: (runId) => whole.load(rename(runId)),
    append: (request) =>
      whole.append({ ...request, runId: rename(request.runId), events: request.events.map(renamed) }),
  }
}

function encoded(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}

function isRecord(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function copied(value: { readonly [key: string]: Json }): Json {
  const copy: Record<string, Json> = {}
  for (const [key, field] of Object.entries(value)) copy[key] = field
  return copy
}
