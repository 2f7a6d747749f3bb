import type { StatesStep } from '../../definition.ts'
import { transitionLists } from '../transitions.ts'

/**
 * For each state those others that every way to it leads through, whatever the
 * conditions of the transitions. Nothing where no way leads to it.
 */
export function statesPassed({ states, initial }: StatesStep): ReadonlyMap<string, ReadonlySet<string>> {
  const before = statesBefore(states)
  const passed = new Map<string, ReadonlySet<string>>()
  if (Object.hasOwn(states, initial)) passed.set(initial, new Set())
  for (let isGrown = true; isGrown;) {
    isGrown = false
    for (const name of Object.keys(states)) {
      if (name === initial) continue
      const found = passedBefore(before.get(name) ?? [], passed)
      if (found === undefined || found.size === passed.get(name)?.size) continue
      passed.set(name, found)
      isGrown = true
    }
  }
  return passed
}

type States = StatesStep['states']

function statesBefore(states: States): ReadonlyMap<string, readonly string[]> {
  const before = new Map<string, string[]>()
  for (const [name, state] of Object.entries(states)) {
    for (const { transition } of transitionLists(state, '').flatMap(({ transitions }) => transitions)) {
      const others = before.get(transition.to)
      if (others) others.push(name)
      else before.set(transition.to, [name])
    }
  }
  return before
}

// What all ways have in common, of those that are known so far: with each further way it gets less, never more.
function passedBefore(
  before: readonly string[],
  passed: ReadonlyMap<string, ReadonlySet<string>>,
): ReadonlySet<string> | undefined {
  const ways = before.flatMap((name) => {
    const known = passed.get(name)
    return known === undefined ? [] : [new Set(known).add(name)]
  })
  const [first, ...others] = ways
  return first && new Set([...first].filter((name) => others.every((way) => way.has(name))))
}
