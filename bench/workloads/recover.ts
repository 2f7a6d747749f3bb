import type { Opened } from '../subject.ts'
import type { Figures } from '../task.ts'

/** The second half of W4: from the call of `recover` to the first new step, and to the end. */
export async function recovered(opened: Opened, write: (index: number) => void): Promise<Figures> {
  if (opened.recover === undefined) throw new Error('it recovers nothing, and does not say why')
  let first: number | undefined
  const start = performance.now()
  await opened.recover((index) => {
    first ??= performance.now()
    write(index)
  })
  const end = performance.now()
  if (first === undefined) throw new Error('no step was done after the process was killed')
  return { firstStepMs: first - start, doneMs: end - start }
}
