import { expect, test } from 'vitest'
import type { Join } from '../definition.ts'
import { checkBlocks } from './blocks.ts'

function pointers(join: Join, children: number): (string | undefined)[] {
  const parallel = Array.from({ length: children }, (_, index) => ({ id: `child${index}`, set: {} }))
  return checkBlocks({ segno: 1, name: 'joined', steps: [{ id: 'both', parallel, join }] }).map(
    ({ pointer }) => pointer,
  )
}

test('a join of any child needs one, as a join of at least one does', () => {
  expect(pointers('any', 0)).toEqual(['/steps/0/join'])
  expect(pointers({ atLeast: 1 }, 0)).toEqual(['/steps/0/join/atLeast'])
})

test('a join that its children can satisfy is no mistake', () => {
  expect([...pointers('all', 0), ...pointers('any', 1), ...pointers({ atLeast: 2 }, 2)]).toEqual([])
})
