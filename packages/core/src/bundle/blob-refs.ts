import { isJsonObject } from '@segno/schema/plan'
import type { BlobRef, Json, RunEvent } from '@segno/schema/plan'

/** The values beside the journal that an event names, also those of what a fork reuses. */
export function blobRefsIn(event: RunEvent): readonly BlobRef[] {
  const own = Object.entries(event).flatMap(([key, value]) =>
    key.endsWith('Blob') && value !== undefined ? [value as BlobRef] : [],
  )
  const reused =
    event.type === 'run.created' && event.reuse !== undefined ? reuseRefsIn(event.reuse as unknown as Json) : []
  return [...own, ...reused]
}

/** The values that what a fork reuses names. */
export function reuseRefsIn(reuse: Json): readonly BlobRef[] {
  return Object.values(isJsonObject(reuse) ? reuse : {}).flatMap((step) => {
    const ref = isJsonObject(step) ? step['outputBlob'] : undefined
    return ref === undefined ? [] : [ref as unknown as BlobRef]
  })
}

/** An event that names other values in place of those. */
export function withBlobRefs<T>(value: T, renamed: ReadonlyMap<string, BlobRef>): T {
  const mapped = Object.fromEntries(
    Object.entries(value as Readonly<Record<string, unknown>>).map(([key, field]) => {
      if (key.endsWith('Blob') && isJsonObject(field as Json)) {
        return [key, renamed.get((field as BlobRef).sha256) ?? field]
      }
      if (key !== 'reuse') return [key, field]
      const steps = Object.entries(field as Readonly<Record<string, object>>)
      return [key, Object.fromEntries(steps.map(([path, step]) => [path, withBlobRefs(step, renamed)]))]
    }),
  )
  return mapped as T
}
