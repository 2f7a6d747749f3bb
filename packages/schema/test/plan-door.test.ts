import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** The packages that a source file loads, directly or not. */
function packagesOf(file: URL, seen = new Set<string>()): Set<string> {
  if (seen.has(file.href)) return new Set()
  seen.add(file.href)
  const packages = new Set<string>()
  // Types leave no import behind, whether one by one or all of a statement.
  for (const [, names = '', from = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )([^'"]*)from '([^']+)'/gms,
  )) {
    if (/^\{\s*(?:type [^,}]+,?\s*)+\}\s*$/.test(names)) continue
    if (!from.startsWith('.')) packages.add(from)
    else for (const name of packagesOf(new URL(from, file), seen)) packages.add(name)
  }
  return packages
}

test('a host that runs checked plans loads neither zod nor the YAML parser', () => {
  const packages = [...packagesOf(new URL('../src/plan/index.ts', import.meta.url))]
  expect(packages).toContain('@cfworker/json-schema')
  expect(packages.filter((name) => /^(zod|yaml)/.test(name))).toEqual([])
})

test('the door that parses loads both, of zod the small one', () => {
  const packages = [...packagesOf(new URL('../src/index.ts', import.meta.url))]
  expect(packages).toEqual(expect.arrayContaining(['zod/mini', 'yaml']))
  expect(packages).not.toContain('zod')
})

test('the door of exported runs loads zod and no parser', () => {
  const packages = [...packagesOf(new URL('../src/bundle/index.ts', import.meta.url))]
  expect(packages).toContain('zod/mini')
  expect(packages).not.toContain('yaml')
})
