import { expect, test } from 'vitest'
import { isSemanticVersion } from './semantic-version.ts'

test.for(['0.0.0', '1.2.0', '10.20.30', '1.0.0-rc.1', '1.0.0-0.a-b', '1.0.0+build.01', '1.0.0-x.7.z.92+sha-5'])(
  '%s is a semantic version',
  (version) => {
    expect(isSemanticVersion(version)).toBe(true)
  },
)

test.for([
  ...['', '1', '1.2', '1.2.3.4', 'v1.2.3', '01.2.3', '1.2.03', '^1.2.3', '1.2.3-', '1.2.3-01', '1.2.3-a..b', '1.2.3 '],
  ...['1.2.3\n', `1.2.3-${'a'.repeat(256)}`, 1, null, undefined],
])('%j is none', (version) => {
  expect(isSemanticVersion(version)).toBe(false)
})
