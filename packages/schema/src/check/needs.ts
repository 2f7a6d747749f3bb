import type { Definition, Step } from '../definition.ts'
import { suggestion } from '../diagnostic/suggest.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { listsOf, stepPlaces, type StepList, type StepPlace } from './walk.ts'

/** `needs` that name no sibling, that go in a circle, or that stand where nothing runs together. */
export function checkNeeds(definition: Definition): Mistake[] {
  const mistakes: Mistake[] = []
  for (const place of stepPlaces(definition)) {
    if (place.step.needs && place.list.role !== 'parallel') {
      const message = '"needs" has a meaning inside "parallel" only; other steps run one after the other'
      const pointer = `${place.pointer}/needs`
      const fix = { title: 'remove "needs"', edits: [{ op: 'remove' as const, pointer }], isSafe: comesAfter(place) }
      mistakes.push({ code: 'MISPLACED_NEEDS', message, pointer, at: 'key', fixes: [fix] })
    } else if (place.step.needs) {
      mistakes.push(...unknownNeeds(place, place.step.needs))
    }
    for (const list of listsOf(place)) if (list.role === 'parallel') mistakes.push(...cycles(list))
  }
  return mistakes
}

/** Whether all that a step needs stands before it in its list, where it has run already. */
function comesAfter({ list, step }: StepPlace): boolean {
  const before = list.steps.slice(0, list.steps.indexOf(step)).map(({ id }) => id)
  return (step.needs ?? []).every((id) => before.includes(id))
}

/** The siblings that a child of `parallel` needs, directly or not. */
export function needed(siblings: readonly Step[], id: string): Set<string> {
  const needsOf = new Map(siblings.map((step) => [step.id, step.needs ?? []]))
  const found = new Set<string>()
  const open = [...(needsOf.get(id) ?? [])]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next) || !needsOf.has(next)) continue
    found.add(next)
    open.push(...(needsOf.get(next) ?? []))
  }
  found.delete(id)
  return found
}

function unknownNeeds({ list, pointer, step }: StepPlace, needs: readonly string[]): Mistake[] {
  const siblings = list.steps.map(({ id }) => id).filter((id) => id !== step.id)
  return needs.flatMap((id, index) => {
    if (id === step.id || siblings.includes(id)) return []
    const message = `no step "${id}" beside this one`
    return [{ code: 'UNKNOWN_STEP', message, ...suggestion(id, siblings), pointer: `${pointer}/needs/${index}` }]
  })
}

// Depth first; a step that is met again while it is still open closes a circle.
function cycles({ steps, pointer }: StepList): Mistake[] {
  const indexOf = new Map(steps.map(({ id }, index) => [id, index]))
  const done = new Set<string>()
  const open: string[] = []
  const mistakes: Mistake[] = []
  const visit = (id: string): void => {
    const index = indexOf.get(id)
    if (index === undefined || done.has(id)) return
    open.push(id)
    for (const [position, need] of (steps[index]?.needs ?? []).entries()) {
      const from = open.indexOf(need)
      if (from === -1) {
        visit(need)
        continue
      }
      const path = [...open.slice(from), need].join(' → ')
      mistakes.push({
        code: 'NEEDS_CYCLE',
        message: `steps need each other in a circle: ${path}`,
        pointer: `${pointer}/${index}/needs/${position}`,
      })
    }
    open.pop()
    done.add(id)
  }
  for (const { id } of steps) visit(id)
  return mistakes
}
