import type { Definition } from '../definition.ts'
import type { Mistake } from '../diagnostic/mistake.ts'
import { suggestionUnlessMany } from '../diagnostic/suggest.ts'
import { SiblingNeeds } from './sibling-needs.ts'
import { stepPlaces, workflowLists, type StepList } from './walk.ts'

/** `needs` that name no sibling, that go in a circle, or that stand where nothing runs together. */
export function checkNeeds(definition: Definition): Mistake[] {
  const lists = [...workflowLists(definition), ...stepPlaces(definition).flatMap(({ lists }) => lists)]
  return lists.flatMap((list) =>
    list.role === 'parallel' ? [...unknownNeeds(list), ...circles(list)] : misplacedNeeds(list),
  )
}

function misplacedNeeds(list: StepList): Mistake[] {
  const before = new Set<string>()
  return list.steps.flatMap((step, index): Mistake[] => {
    const needs = step.needs
    // What stands before it in its list has run already.
    const isSafe = (needs ?? []).every((id) => before.has(id))
    before.add(step.id)
    if (needs === undefined) return []
    const message = '"needs" has a meaning inside "parallel" only; other steps run one after the other'
    const pointer = `${list.pointer}/${index}/needs`
    const fix = { title: 'remove "needs"', edits: [{ op: 'remove' as const, pointer }], isSafe }
    return [{ code: 'MISPLACED_NEEDS', message, pointer, at: 'key', fixes: [fix] }]
  })
}

function unknownNeeds({ steps, pointer }: StepList): Mistake[] {
  const siblings = new Set(steps.map(({ id }) => id))
  const mistakes: Mistake[] = []
  for (const [position, { id: own, needs }] of steps.entries()) {
    for (const [index, id] of (needs ?? []).entries()) {
      if (siblings.has(id)) continue
      const others = withoutOne(siblings, own)
      const near = suggestionUnlessMany(id, others, mistakes.length)
      const message = `no step "${id}" beside this one`
      mistakes.push({ code: 'UNKNOWN_STEP', message, ...near, pointer: `${pointer}/${position}/needs/${index}` })
    }
  }
  return mistakes
}

function* withoutOne(ids: Iterable<string>, own: string): Generator<string> {
  for (const id of ids) if (id !== own) yield id
}

function circles({ steps, pointer }: StepList): Mistake[] {
  return new SiblingNeeds(steps).circles().map(({ position, need, path }) => ({
    code: 'NEEDS_CYCLE',
    message: `steps need each other in a circle: ${path.join(' → ')}`,
    pointer: `${pointer}/${position}/needs/${need}`,
  }))
}
