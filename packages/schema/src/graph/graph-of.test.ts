import { describe, expect, test } from 'vitest'
import type { Definition, Step } from '../definition.ts'
import { graphOf, type GraphOptions } from './graph-of.ts'
import type { Graph } from './graph.ts'

/** The edges of a workflow of these steps, but for those from its start and to its end. */
function edges(...steps: readonly Step[]): readonly string[] {
  return drawn(graphOf({ segno: 1, name: 'x', steps })).filter((line) => !/:entry|:exit/.test(line))
}

function drawn({ edges: all }: Graph): readonly string[] {
  return all.map(({ from, to, kind, label }) => `${from} ${kind} ${to}${label === undefined ? '' : ` (${label})`}`)
}

/** What is in what. */
function nested({ items, clusters }: Graph): readonly unknown[] {
  const inside = new Map(clusters.map((cluster) => [cluster.id, cluster.items]))
  const tree = (ids: readonly string[]): readonly unknown[] =>
    ids.map((id) => (inside.has(id) ? [id, tree(inside.get(id) ?? [])] : id))
  return tree(items)
}

function graph(steps: readonly Step[], more: Partial<Definition> = {}, options: GraphOptions = {}): Graph {
  return graphOf({ segno: 1, name: 'x', ...more, steps }, options)
}

const step = (id: string): Step => ({ id, uses: 'work' })

describe('the edges of', () => {
  test('a workflow lead from its start over its steps to its end', () => {
    expect(drawn(graph([step('a'), step('b')]))).toEqual([':entry sequence a', 'a sequence b', 'b sequence :exit'])
  })

  test('a workflow with `finally` lead through it', () => {
    expect(drawn(graph([step('a')], { finally: [step('b')] }))).toEqual([
      ':entry sequence a',
      'a finally :finally',
      ':finally sequence :exit',
    ])
  })

  test('`if` lead to each branch', () => {
    expect(edges({ id: 'c', if: 'x > 1', do: [step('a')], else: [] })).toEqual([
      'c:gate branch c:do (true)',
      'c:gate branch c:else (false)',
    ])
  })

  test('`match` lead to each case', () => {
    expect(edges({ id: 'm', match: 'x', cases: { one: [step('a')], two: [] }, default: [] })).toEqual([
      'm:gate branch m:case:one (one)',
      'm:gate branch m:case:two (two)',
      'm:gate branch m:default (default)',
    ])
  })

  test('`parallel` are its needs', () => {
    const children: readonly Step[] = [step('a'), step('b'), { ...step('c'), needs: ['a', 'b'] }]
    expect(edges({ id: 'p', parallel: children })).toEqual(['a needs c', 'b needs c'])
  })

  test('a loop lead back to where a pass begins', () => {
    expect(edges({ id: 'l', forEach: { in: 'x' }, do: [step('a'), step('b')] })).toEqual([
      'a sequence b',
      'l:gate sequence a',
      'b loop l:gate (next)',
    ])
  })

  test('`try` lead to its clauses, and from all of them to `finally`', () => {
    const clauses = [{ on: ['TIMEOUT', 'HTTP_STATUS'], do: [step('b')] }, { do: [] }]
    expect(edges({ id: 't', try: [step('a')], catch: clauses, finally: [step('c')] })).toEqual([
      't:do catch t:catch[0] (TIMEOUT, HTTP_STATUS)',
      't:do catch t:catch[1] (any failure)',
      't:do finally t:finally',
      't:catch[0] finally t:finally',
      't:catch[1] finally t:finally',
    ])
  })

  test('a state machine say what has to happen, in the order in which it is tried', () => {
    const draft = {
      on: { approved: { to: 'live', if: 'signal.data.level >= 2' }, rejected: [{ to: 'draft' }, { to: 'gone' }] },
      after: { '1d': { to: 'gone' } },
      next: [{ to: 'live', if: 'input.fast' }],
    }
    const machine = { id: 's', states: { draft, live: { do: [step('a')] }, gone: {} }, initial: 'draft' }
    expect(drawn(graph([machine])).filter((line) => line.startsWith('s:'))).toEqual([
      's:entry sequence s:state:draft',
      's:state:draft transition s:state:live (if input.fast)',
      's:state:draft transition s:state:live (on approved if signal.data.level >= 2)',
      's:state:draft transition s:state:draft (on rejected)',
      's:state:draft transition s:state:gone (on rejected)',
      's:state:draft transition s:state:gone (after 1d)',
    ])
  })

  test('a step lead to what takes it back, which is no part of the list', () => {
    expect(edges({ ...step('a'), undo: { uses: 'back' } } as Step, step('b'))).toEqual([
      'a undo a:undo (undo)',
      'a sequence b',
    ])
  })

  test('a list end where it ends, unless that may be skipped', () => {
    const fail = { code: 'NO', message: 'no' }
    expect(edges({ id: 'a', fail }, step('b'))).toEqual([])
    expect(edges({ id: 'a', if: 'x', fail }, step('b'))).toEqual(['a sequence b'])
    expect(edges({ id: 'l', repeat: { max: 2 }, do: [{ id: 'a', return: {} }] })).toEqual(['l:gate sequence a'])
    expect(drawn(graph([{ id: 'a', fail }]))).toEqual([':entry sequence a'])
    expect(drawn(graph([{ id: 'a', return: {} }]))).toEqual([':entry sequence a', 'a sequence :exit'])
  })
})

describe('a graph holds', () => {
  test('each list of a block in a cluster of its own, and an empty one as nothing', () => {
    const block: Step = { id: 'c', if: 'x', do: [{ id: 'l', repeat: { max: 2 }, do: [step('a')] }], else: [] }
    expect(nested(graph([block]))).toEqual([
      ':entry',
      ['c', ['c:gate', ['c:do', [['l', ['l:gate', 'a']]]], ['c:else', ['c:else:nothing']]]],
      ':exit',
    ])
  })

  test('a state that does something as a cluster, and the ends of a machine marked', () => {
    const machine = { id: 's', states: { one: { do: [step('a')], next: [{ to: 'two' }] }, two: {} }, initial: 'one' }
    const { nodes, clusters } = graph([machine])
    expect(clusters.find(({ id }) => id === 's:state:one')).toMatchObject({ kind: 'state', items: ['a'] })
    expect(nodes.find(({ id }) => id === 's:state:two')).toMatchObject({ kind: 'state', final: true })
  })

  test('a pointer for all that the definition writes down', () => {
    const { nodes, clusters } = graph([{ id: 'm', match: 'x', cases: { 'a/b': [step('a')] } }])
    const pointers = [...clusters, ...nodes].flatMap(({ id, pointer }) =>
      pointer === undefined ? [] : [`${id} ${pointer}`],
    )
    expect(pointers).toEqual(['m /steps/0', 'm:case:a/b /steps/0/cases/a~1b', 'a /steps/0/cases/a~1b/0'])
  })

  test('the same, whenever it is made', () => {
    const steps: readonly Step[] = [{ id: 'p', parallel: [step('a'), { ...step('b'), needs: ['a'] }] }]
    expect(graph(steps)).toEqual(graph(steps))
  })
})

describe('a call', () => {
  const review: Definition = { segno: 1, name: 'review', steps: [step('a')], finally: [step('b')] }
  const calls: readonly Step[] = [{ id: 'first', call: 'review' }]

  test('is one node', () => {
    expect(nested(graph(calls, { imports: { review } }))).toEqual([':entry', 'first', ':exit'])
  })

  test('holds the steps of the workflow when it is expanded, by ids behind its own', () => {
    const { nodes, ...rest } = graph(calls, { imports: { review } }, { expand: true })
    expect(nested({ nodes, ...rest })).toEqual([
      ':entry',
      ['first', ['first/a', ['first/:finally', ['first/b']]]],
      ':exit',
    ])
    expect(nodes.find(({ id }) => id === 'first/a')?.pointer).toBe('/imports/review/steps/0')
  })

  test('stays one node where nobody has read what is imported', () => {
    expect(nested(graph(calls, { imports: { review: './review.yaml' } }, { expand: true }))).toEqual([
      ':entry',
      'first',
      ':exit',
    ])
  })
})
