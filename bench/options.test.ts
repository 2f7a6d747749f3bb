import { expect, test } from 'vitest'
import { benchOptions, isAsked, UsageError } from './options.ts'
import { workloadNames } from './session.ts'

test('a workload is asked for by its name, or by how it begins', () => {
  const { workloads } = benchOptions(['--workload', 'W1', '--workload', 'W4 cold'], workloadNames)
  expect(workloadNames.filter((name) => isAsked({ workloads }, name))).toEqual(['W1s', 'W1c', 'W4 cold'])
})

test.for([
  [['--workload', 'W9'], '--workload W9: there is none of this name; there are W1s, W1c, W2'],
  [['--rounds', '0'], '--rounds 0: expected a number from 1 on'],
  [['--fast'], "Unknown option '--fast'"],
])('what cannot be understood is refused: %j', ([args, message]) => {
  expect(() => benchOptions(args as string[], workloadNames)).toThrow(UsageError)
  expect(() => benchOptions(args as string[], workloadNames)).toThrow(message as string)
})
