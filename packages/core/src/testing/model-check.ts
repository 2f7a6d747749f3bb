import type { Definition } from '@segno/schema/plan'
import { compile } from '../kernel/compile.ts'
import type { Plan } from '../kernel/plan.ts'
import { ModelDrivers } from './model-drivers.ts'
import { firstModelState, ModelStore } from './model-store.ts'
import type { ModelLimits, ModelState } from './model-store.ts'
import { ModelMoves } from './model-moves.ts'

/** What a model is made of. */
export interface ModelOptions {
  readonly definition: Definition
  readonly workers: number
  readonly limits: ModelLimits
  /** What the model of the store leaves out: to show that it is needed. */
  readonly without?: 'fence' | 'batchId'
}

/** What the exploration found. */
export interface ModelReport {
  readonly states: number
  readonly depth: number
  /** The first broken invariant, and the moves that lead there. */
  readonly violation?: { readonly invariant: string; readonly moves: readonly string[] }
}

interface Visited {
  readonly state: ModelState
  readonly from: number
  readonly move: string
  readonly depth: number
}

/**
 * Explores every order in which the drivers of a few workers, their store and
 * the network can move, breadth first: the drivers are the real ones, the store a
 * model. Leases expire at any time, a worker may crash, an answer may be lost;
 * each so often as `limits` say. Ends at the first broken invariant, which is
 * then as near to the start as can be.
 */
export function checkModel(options: ModelOptions): ModelReport {
  const plan: Plan = compile(options.definition)
  const drivers = new ModelDrivers(plan)
  const store = new ModelStore(plan, options.without)
  const moves = new ModelMoves({ drivers, store, limits: options.limits })
  const first = firstModelState(store, options.workers)
  const visited: Visited[] = [{ state: first, from: -1, move: '', depth: 0 }]
  const known = new Map<string, number>([[fingerprint(first), 0]])
  const edges: number[][] = []
  for (let at = 0; at < visited.length; at++) {
    const { state, depth } = visited[at] ?? fail()
    const next: number[] = []
    for (const { move, to, broken } of moves.from(state)) {
      if (broken !== undefined) return report(visited, { invariant: broken, at, move })
      const name = fingerprint(to)
      const index = known.get(name) ?? visited.length
      if (index === visited.length) {
        known.set(name, index)
        visited.push({ state: to, from: at, move, depth: depth + 1 })
      }
      next.push(index)
    }
    edges.push(next)
  }
  const stuck = firstStuck(visited, edges, moves)
  if (stuck >= 0) return report(visited, { invariant: 'every run can still come to its end', at: stuck, move: '' })
  return { states: visited.length, depth: visited.at(-1)?.depth ?? 0 }
}

function report(
  visited: readonly Visited[],
  { invariant, at, move }: { readonly invariant: string; readonly at: number; readonly move: string },
): ModelReport {
  const path = move === '' ? [] : [move]
  for (let index = at; index > 0; index = visited[index]?.from ?? 0) path.unshift(visited[index]?.move ?? '')
  return { states: visited.length, depth: path.length, violation: { invariant, moves: path } }
}

// From where no end can be reached: neither that of the run nor that of what the limits allow.
function firstStuck(visited: readonly Visited[], edges: readonly number[][], moves: ModelMoves): number {
  const before: number[][] = visited.map(() => [])
  edges.forEach((next, from) => {
    for (const to of next) before[to]?.push(from)
  })
  const open = visited.flatMap(({ state }, index) => (moves.isEnd(state) ? [index] : []))
  const reaching = new Set(open)
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    for (const from of before[index] ?? []) {
      if (reaching.has(from)) continue
      reaching.add(from)
      open.push(from)
    }
  }
  return visited.findIndex((_, index) => !reaching.has(index))
}

// Workers are alike: which of them is where makes no difference.
function fingerprint(state: ModelState): string {
  const { workers, orphans } = state
  const alike = workers
    .map(({ driver, loading, sent, answer, atWork }) => `${driver} ${loading} ${sent} ${answer} ${atWork.join()}`)
    .toSorted()
  const { journal, token, held, crashes, lostAnswers, remembered, performed } = state
  const last = remembered.map((batch) => batch.sent).join()
  const mail = orphans.toSorted((a, b) => a - b).join()
  return `${journal} ${token} ${held} ${crashes} ${lostAnswers}|${last}|${performed.join()}|${mail}|${alike.join('|')}`
}

function fail(): never {
  throw new RangeError('a state that was never visited')
}
