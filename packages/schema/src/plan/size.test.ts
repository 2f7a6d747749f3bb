import { expect, test } from 'vitest'
import { parseSize } from './size.ts'

test.for([
  [0, 0],
  [65_536, 65_536],
  ['1B', 1],
  ['64KiB', 65_536],
  ['1MiB', 1_048_576],
] as const)('%s is %i bytes', ([size, bytes]) => {
  expect(parseSize(size)).toBe(bytes)
})

test.for([-1, 1.5, Number.NaN, 2 ** 53, '', '64', '64 KiB', '64kb', '1.5MiB', '-1B', '1GiB', '999999999999999MiB'])(
  '%s is no size',
  (size) => {
    expect(parseSize(size)).toBeUndefined()
  },
)
