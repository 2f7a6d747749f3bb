import type { Json, RunEvent } from '@segno/schema/plan'
import { commandPrefix } from '../kernel/messages.ts'
import type { Message } from '../ports/storage.ts'
import type { Answer } from '../runtime/run-handle.ts'
import { stepPath } from './steps-of.ts'

/** What a person of a simulated world answers. */
export interface SimulatedAnswer extends Answer {
  readonly by?: string
}

/** What people send to a run whose journal this is: to each that was ever asked, the answer of its step. */
export function answersTo(
  events: readonly RunEvent[],
  answers: Readonly<Record<string, SimulatedAnswer>>,
  prefix: string,
): Message[] {
  return events.flatMap((event) => {
    if (event.type !== 'task.asked') return []
    const path = stepPath(prefix + event.path)
    const { by, ...answer } = answers[path] ?? answers[path.slice(path.lastIndexOf('/') + 1)] ?? {}
    if (Object.keys(answer).length === 0) return []
    const payload = { ...answer, path: event.path, hash: event.hash } as unknown as Json
    const sender = by === undefined ? {} : { sender: by }
    return [{ id: `answer-${event.seq}`, name: `${commandPrefix}answer`, payload, ...sender }]
  })
}
