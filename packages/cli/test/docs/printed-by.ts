import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { root, type Block } from './page.ts'

/**
 * What a program prints, as a reader would run it: its files, beside them what is
 * installed, and Node, which strips types. The last of the files is the one that is run.
 */
export async function printedBy(files: readonly Pick<Block, 'file' | 'text'>[], main = files.at(-1)): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'segno-page-'))
  try {
    for (const { file, text } of files) writeFileSync(join(folder, file), text)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const argv = ['--conditions=@segno/source', '--disable-warning=ExperimentalWarning', main?.file ?? '']
    const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: folder, timeout: 20_000 })
    return stdout
  } finally {
    rmSync(folder, { recursive: true })
  }
}
