import { snapshot, snapshotFormat } from '../kernel/snapshot.ts'
import type { RunState } from '../kernel/state.ts'
import type { Snapshot } from '../ports/storage.ts'

const eventsMin = 256
const parkedEventsMin = 32
/** Bytes of an average event, to weigh a tail against a snapshot without serialising it. */
const eventBytes = 200

/**
 * When to save a state: after at least 256 events and as many bytes as the last
 * snapshot had, so that saving costs O(1) a step; when parking, after 32.
 */
export class SnapshotRhythm {
  #events = 0
  #lastBytes = 0

  wrote(events: number): void {
    this.#events += events
  }

  /** The state was loaded: so many events have come since its snapshot. */
  loaded(tail: number): void {
    this.#events = tail
  }

  take(state: RunState, events: number, park: boolean): Snapshot | undefined {
    this.#events += events
    const enough = park ? this.#events > parkedEventsMin : this.#events >= eventsMin
    if (!enough || this.#events * eventBytes < this.#lastBytes) return undefined
    const saved = snapshot(state)
    this.#lastBytes = JSON.stringify(saved).length
    this.#events = 0
    return { seq: state.seq, format: snapshotFormat, state: saved }
  }
}
