import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rollup, type GetModuleInfo } from 'rollup'

/** What becomes one file. */
export interface Merged {
  /** The door whose imports it has in it. */
  readonly door: string
  /** What it is called. */
  readonly chunk: string
  /** The imported file that exports this stays a file of its own. */
  readonly without?: string
}

/**
 * Makes one file of all that a door of a built package imports at once, and leaves what is loaded later in files of its
 * own. esbuild makes one of each set of modules that the same doors share, and looking for a file costs Node half a
 * millisecond.
 */
export async function mergeChunks(folder: string, doors: readonly string[], merged: Merged): Promise<void> {
  const chunks = readdirSync(folder).filter((file) => /-[A-Z\d]{8}\.js(\.map)?$/.test(file))
  const build = await rollup({
    input: Object.fromEntries(doors.map((door) => [door, resolve(folder, `${door}.js`)])),
    external: (id) => !/^[./]/.test(id),
    plugins: [{ name: 'with-source-map', load: withSourceMap }],
    // What nobody uses, esbuild has left out.
    treeshake: false,
  })
  await build.write({
    dir: folder,
    sourcemap: true,
    compact: true,
    chunkFileNames: ({ name }) => `${name.replace(/-[A-Z\d]{8}$/, '')}-[hash].js`,
    manualChunks: (id, { getModuleInfo: infoOf }) => {
      if (!importedBy(resolve(folder, `${merged.door}.js`), infoOf).has(id)) return undefined
      const { without } = merged
      return without !== undefined && infoOf(id)?.exports?.includes(without) === true ? without : merged.chunk
    },
  })
  await build.close()
  for (const file of chunks) rmSync(join(folder, file))
}

function withSourceMap(file: string): { readonly code: string; readonly map: string } {
  return { code: readFileSync(file, 'utf8'), map: readFileSync(`${file}.map`, 'utf8') }
}

function importedBy(door: string, infoOf: GetModuleInfo, found = new Set<string>()): ReadonlySet<string> {
  for (const id of infoOf(door)?.importedIds ?? []) {
    if (found.has(id) || infoOf(id)?.isExternal !== false) continue
    found.add(id)
    importedBy(id, infoOf, found)
  }
  return found
}
