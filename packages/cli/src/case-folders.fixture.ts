import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { writeFiles } from './process.fixture.ts'

type Files = Readonly<Record<string, string>>

/** Makes a folder for each case of a test file: with these files, unless others are named. All are removed at its end. */
export function caseFolders(name: string, files: Files): (others?: Files) => string {
  const root = mkdtempSync(join(tmpdir(), `segno-${name}-`))
  afterAll(() => rmSync(root, { recursive: true }))
  return (others = files) => {
    const folder = mkdtempSync(join(root, 'case-'))
    writeFiles(folder, others)
    return folder
  }
}
