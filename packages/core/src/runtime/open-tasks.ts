import type { EventOf, RunEvent } from '@segno/schema/plan'
import { endsRun } from '../ports/batch.ts'
import type { Storage } from '../ports/storage.ts'
import { readBlob } from './read-blob.ts'
import type { Task } from './run-handle.ts'

type Asked = EventOf<'task.asked'>

/** What people are asked in a run and have not answered, oldest first. Reads the whole journal. */
export async function openTasks(storage: Storage, runId: string): Promise<readonly Task[]> {
  const open = new Map<string, Asked>()
  for await (const page of storage.read(runId, 1)) for (const event of page) take(open, event)
  return Promise.all([...open.values()].map((asked) => taskOf(storage, runId, asked)))
}

function take(open: Map<string, Asked>, event: RunEvent): void {
  switch (event.type) {
    case 'task.asked':
      open.set(event.path, event)
      return
    case 'task.answered':
    case 'step.completed':
    case 'step.failed':
    case 'step.cancelled':
    case 'step.blocked':
      open.delete(event.path)
      return
    default:
      if (endsRun(event)) open.clear()
  }
}

async function taskOf(storage: Storage, runId: string, asked: Asked): Promise<Task> {
  const { path, hash, title, body, choices, form, assignees, subject, subjectBlob, at, deadline } = asked
  const shown = subjectBlob === undefined ? subject : await readBlob(storage, runId, subjectBlob.sha256)
  return {
    path,
    hash,
    title,
    askedAt: at,
    ...(body === undefined ? {} : { body }),
    ...(choices === undefined ? {} : { choices }),
    ...(form === undefined ? {} : { form }),
    ...(assignees === undefined ? {} : { assignees }),
    ...(shown === undefined ? {} : { subject: shown }),
    ...(deadline === undefined ? {} : { deadline }),
  }
}
