import type { Fixture, RunEvent } from '@segno/schema'
import { runFixture } from '@segno/core/testing'
import { advance } from './advance.ts'
import { newProgress, type Progress } from './progress.ts'

/** A workflow and what happens to a run of it, without what has to follow. */
export type Play = Omit<Fixture, 'title' | 'expect'>

/** The events of a run that is played on the kernel. */
export function eventsOf(play: Play): readonly RunEvent[] {
  return runFixture({ title: 'played', ...play, expect: { events: [], status: 'completed' } }).events
}

/** What is shown of a run that is played, up to the last event of a kind that has a path; all of it unless given. */
export function playedTo(play: Play, type?: RunEvent['type'], path?: string): Progress {
  const events = eventsOf(play)
  const last =
    type === undefined
      ? events.length - 1
      : events.findLastIndex(
          (event) => event.type === type && (path === undefined || ('path' in event && event.path === path)),
        )
  if (last < 0) throw new Error(`there is no ${type} ${path ?? ''}`)
  const progress = newProgress(play.definition)
  for (const event of events.slice(0, last + 1)) advance(progress, event)
  return progress
}
