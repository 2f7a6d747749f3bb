import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { importReader } from './import-reader.ts'

const folder = mkdtempSync(join(tmpdir(), 'segno-import-reader-'))
afterAll(() => rmSync(folder, { recursive: true }))

write('lib/shared.yaml', 'name: shared')
write('secret.yaml', 'name: secret')

describe('the reader of imports', () => {
  const read = importReader(folder, [folder])

  test('gives the text of a file, nothing where there is none, and why it gives none', () => {
    mkdirSync(join(folder, 'folder.yaml'))
    expect(read('lib/shared.yaml')).toContain('name: shared')
    expect(read('./lib/../secret.yaml')).toContain('name: secret')
    expect(read('none.yaml')).toBeUndefined()
    expect(read('secret.yaml/none.yaml')).toBeUndefined()
    expect(read('folder.yaml')).toEqual({ reason: 'it is a folder' })
    expect(read(join(tmpdir(), 'none.yaml'))).toBeUndefined()
  })

  test('follows no link that leads out of the folders', () => {
    mkdirSync(join(folder, 'inner'))
    symlinkSync(join(folder, 'secret.yaml'), join(folder, 'inner/link.yaml'))
    expect(importReader(folder, [join(folder, 'inner')])('inner/link.yaml')).toHaveProperty('reason')
  })

  test('takes no folder for another whose name begins as its own does', () => {
    write('out-of-reach/a.yaml', 'a')
    expect(importReader(folder, [join(folder, 'out')])('out-of-reach/a.yaml')).toEqual({
      reason: `it lies outside of ${join(folder, 'out')}`,
    })
    expect(importReader(folder, [join(folder, 'out'), join(folder, 'out-of-reach')])('out-of-reach/a.yaml')).toBe('a')
  })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
