import { readFileSync, readdirSync, rmSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { transform } from 'esbuild'
import { rolldown, type Plugin } from 'rolldown'
import { minify } from 'rolldown/utils'

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
 * millisecond. What is local to a function gets short names on the way: a quarter less to read.
 */
export async function mergeChunks(folder: string, doors: readonly string[], merged: Merged): Promise<void> {
  const chunks = readdirSync(folder).filter((file) => /-[A-Z\d]{8}\.js(\.map)?$/.test(file))
  const atOnce = new Set<string>()
  const apart = new Set<string>()
  const build = await rolldown({
    input: Object.fromEntries(doors.map((door) => [door, resolve(folder, `${door}.js`)])),
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    plugins: [
      builtFiles({ ...merged, door: resolve(folder, `${merged.door}.js`) }, { atOnce, apart }),
      shortLocalNames,
      shortLines,
    ],
    // What nobody uses, esbuild has left out.
    treeshake: false,
  })
  await build.write({
    dir: folder,
    sourcemap: true,
    chunkFileNames: ({ name }) => `${name.replace(/-[A-Z\d]{8}$/, '')}-[hash].js`,
    // What it did to make less of it would be printed anew.
    minify: false,
    codeSplitting: {
      groups: [
        // A group also gets what its files import, unless another one has it already.
        { name: merged.chunk, test: (id) => atOnce.has(id) && !apart.has(id), priority: 1 },
        { name: merged.without ?? 'apart', test: (id) => apart.has(id) },
      ],
    },
  })
  await build.close()
  for (const file of chunks) rmSync(join(folder, file))
}

interface Found {
  readonly atOnce: Set<string>
  readonly apart: Set<string>
}

/** Reads what esbuild has built, and finds what the door imports. */
function builtFiles({ door, without }: Merged, { atOnce, apart }: Found): Plugin {
  return {
    name: 'built-files',
    load: (file) => ({ code: readFileSync(file, 'utf8'), map: readFileSync(`${file}.map`, 'utf8') }),
    buildEnd() {
      const add = (id: string): void => {
        for (const imported of this.getModuleInfo(id)?.importedIds ?? []) {
          const info = this.getModuleInfo(imported)
          if (info === null || !isAbsolute(imported) || atOnce.has(imported)) continue
          atOnce.add(imported)
          if (without !== undefined && info.exports.includes(without)) apart.add(imported)
          add(imported)
        }
      }
      add(door)
    },
  }
}

/** Functions and classes keep their names: stack traces tell them. */
const shortLocalNames: Plugin = {
  name: 'short-local-names',
  renderChunk: (code, { fileName }) =>
    minify(fileName, code, {
      compress: false,
      mangle: { toplevel: false, keepNames: true },
      codegen: { removeWhitespace: true },
      sourcemap: true,
    }),
}

/** Node shows the line that threw. */
const shortLines: Plugin = {
  name: 'short-lines',
  renderChunk: (code, { fileName }) =>
    transform(code, {
      minifyWhitespace: true,
      lineLimit: 160,
      format: 'esm',
      target: 'es2023',
      sourcemap: 'external',
      sourcefile: fileName,
    }),
}
