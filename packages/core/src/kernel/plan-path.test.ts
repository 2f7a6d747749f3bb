import type { Definition } from '@segno/schema/plan'
import { describe, expect, test } from 'vitest'
import { workflow } from '../../test/kernel/world.ts'
import { compile } from './compile.ts'
import { isFrom, nodeAt } from './plan-path.ts'
import type { Plan } from './plan.ts'

const uses = (id: string, needs: readonly string[] = []) => ({ id, uses: 'h', needs })

const other: Definition = { segno: 1, name: 'other', steps: [uses('s'), uses('a')], finally: [uses('f')] }
const planned = (): Plan =>
  compile(
    workflow(
      [
        uses('a'),
        { id: 'b', do: [uses('b1'), uses('b2')], retry: { max: 20 } },
        {
          id: 'p',
          parallel: [
            uses('p1'),
            uses('p5', ['p4']),
            uses('p2', ['p1']),
            uses('p3', ['p1']),
            uses('p4', ['p2', 'p3']),
            uses('p6'),
          ],
        },
        { id: 'e', forEach: { in: [1] }, do: [uses('e1'), { id: 'e2', do: [uses('e3'), uses('e4')] }] },
        { id: 'r', repeat: { max: 20 }, do: [uses('r1'), uses('r2')] },
        { id: 't', try: [uses('t1')], catch: [{ do: [uses('t2')] }, { do: [uses('t3')] }], finally: [uses('t4')] },
        { id: 'c', call: 'other', undo: { call: 'other' } },
        { id: 'z', uses: 'h', undo: { uses: 'h' } },
      ],
      { imports: { other } },
    ),
  )

describe('the step that a path names', () => {
  test.for([
    ['a', 'a'],
    ['a~12', 'a'],
    ['b/b1', 'b1'],
    ['b~12/b2~34', 'b2'],
    ['e[12]/e1', 'e1'],
    ['e[12]~34/e2/e3', 'e3'],
    ['t/t3', 't3'],
    ['c', 'c'],
    ['c/s', 's'],
    ['c/f', 'f'],
    ['z', 'z'],
  ])('of %s is %s', ([path = '', id]) => {
    expect(nodeAt(planned(), path)?.id).toBe(id)
  })

  test('is, inside of what is called, a step of that workflow', () => {
    const plan = planned()
    expect(nodeAt(plan, 'c/a')?.list?.unit.definition).toBe(other)
    expect(nodeAt(plan, 'a')?.list?.unit.definition).toBe(plan.definition)
  })

  test.for(['', 'nowhere', 'b1', 's', 'b/a', 'a/b', 'c/z', 'e[1]/e3', 'b//b1', '/a', 'b/'])(
    'of "%s" is none',
    (path) => {
      expect(nodeAt(planned(), path)).toBeUndefined()
    },
  )

  test.for(['z.undo', 'z.undo~2', 'c.undo/s', '.a', '~2', '[1]', 'a~', 'a~x', 'a[x]', 'a[]', 'a~2[1]', 'a~2x', '.z~2'])(
    'of "%s", which names no occurrence of a step, is none',
    (path) => {
      expect(nodeAt(planned(), path)).toBeUndefined()
    },
  )
})

describe('what a fork from a step does again', () => {
  test.for([
    ['a', ['a', 'a~2', 'b/b1', 'p/p1', 'z']],
    // Where it stands counts, and not which occurrence of it.
    ['a~2', ['a', 'a~3', 'z']],
    ['a[1]', ['a', 'z']],
    ['b', ['b/b1', 'b~2/b2', 'p/p1']],
    ['b/b2', ['b/b2', 'b/b2~2', 'b~2/b1', 'b~10/b1', 'p/p1']],
    ['b~9/b1', ['b~9/b1', 'b~9/b2', 'b~10/b1', 'z']],
    ['p/p1', ['p/p2', 'p/p3', 'p/p4', 'p/p5', 'e[0]/e1']],
    ['p/p2', ['p/p2', 'p/p4', 'p/p5', 'z']],
    ['e[1]/e1', ['e[1]/e1', 'e[1]/e2/e3', 'e[1]~2/e1', 'r[0]/r1']],
    ['e[1]/e2/e4', ['e[1]/e2/e4', 'e[1]/e2~2/e3', 'z']],
    ['e[1]', ['e[1]/e1', 'e[1]~2/e2/e3', 'z']],
    ['e', ['e[0]/e1', 'e[7]/e1', 'z']],
    ['r[9]/r2', ['r[9]/r2', 'r[10]/r1', 'r[11]/r2', 'z']],
    ['r[9]~2/r1', ['r[9]~2/r1', 'r[10]/r1', 'r[9]~3/r1']],
    ['r/r2', ['r[9]/r2', 'z']],
    ['t/t1', ['t/t2', 't/t3', 't/t4', 'z']],
    ['t/t3', ['t/t3', 't/t4', 'z']],
    ['c/s', ['c/s', 'c/a', 'c/f', 'z']],
    ['z', ['z', 'z~2']],
  ] as const)('from %s: %s', ([from, again]) => {
    const plan = planned()
    expect(again.filter((path) => !isFrom(plan, path, from))).toEqual([])
  })

  test.for([
    ['b/b2', ['a', 'b', 'b/b1']],
    ['b~9/b1', ['b/b1', 'b/b2', 'b~8/b2', 'a']],
    ['p/p2', ['a', 'p/p1', 'p/p3', 'p/p6', 'p']],
    ['p/p6', ['p/p1', 'p/p5']],
    ['p/p5', ['p/p4', 'p/p6']],
    ['e[1]/e2/e4', ['e[0]/e2/e4', 'e[2]/e1', 'e[10]/e2/e4', 'e[1]/e1', 'e[1]/e2/e3', 'a']],
    ['e[1]~2/e1', ['e[1]/e1', 'e[1]/e2/e4']],
    ['e[1]', ['e[0]/e1', 'e[2]/e1']],
    ['r[9]/r2', ['r[9]/r1', 'r[8]/r2', 'r', 'e[10]/e1']],
    ['r[9]~2/r1', ['r[9]/r1', 'r[8]~3/r1']],
    ['r/r2', ['r[9]/r1']],
    ['t/t3', ['t/t1', 't/t2']],
    ['t/t4', ['t/t1', 't/t2', 't/t3']],
    ['c/a', ['c/s', 'a']],
    ['z', ['a', 'b/b1', 'c/f']],
    ['a', ['z.undo', 'nowhere']],
    ['nowhere', ['a', 'z']],
  ] as const)('from %s, and not what is done before or beside it: %s', ([from, kept]) => {
    const plan = planned()
    expect(kept.filter((path) => isFrom(plan, path, from))).toEqual([])
  })
})
