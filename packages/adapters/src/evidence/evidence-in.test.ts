import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { evidenceIn, removeEvidence } from './evidence-in.ts'

const root = mkdtempSync(join(tmpdir(), 'segno-evidence-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Two runs each that are not the same to any storage. */
const pairs = [
  { of: 'plain names', one: 'run', other: 'run-2' },
  { of: 'names that differ in case only', one: 'run', other: 'Run' },
  { of: 'names that no folder can have', one: 'x'.repeat(300), other: `${'x'.repeat(300)}y` },
  { of: 'names of a folder above', one: '..', other: '../..' },
]

describe.for(pairs)('of runs with $of', ({ one, other }) => {
  const { folder } = evidenceIn(root)

  test('what their attempts leave stays in the folder, apart', () => {
    expect(folder(one, 'work', 1).startsWith(`${root}/`)).toBe(true)
    expect(folder(one, 'work', 1).toLowerCase()).not.toBe(folder(other, 'work', 1).toLowerCase())
  })

  test('only what those of the one left is removed with it', async () => {
    const [left, stays] = [folder(one, 'work', 1), folder(other, 'work', 1)]
    for (const made of [left, stays]) mkdirSync(made, { recursive: true })
    await removeEvidence(root, one)
    expect([existsSync(left), existsSync(stays)]).toEqual([false, true])
  })
})
