import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'esbuild'
import { build, defineConfig, type Options } from 'tsup'
import { mergeChunks, type Merged } from './scripts/merge-chunks.ts'
import { thirdPartyLicenses } from './scripts/third-party-licenses.ts'

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly '@segno/source': string }>>
  readonly bin?: Readonly<Record<string, string>>
}

// Runs in the folder of the package that is built. What is published is read from its package.json, so that a door
// cannot be named there and not be built.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

const here = import.meta.url

// A door that is a file of data, such as a JSON Schema, is published as it is.
const doors = Object.values(manifest.exports).flatMap((door) => (typeof door === 'string' ? [] : door['@segno/source']))
const commands = Object.values(manifest.bin ?? {}).map((file) => file.replace('./dist/', './src/').replace(/js$/, 'ts'))

// Of these nothing may be of Node: the build fails on a `node:*`.
const isForBrowsers = ['@segno/schema', '@segno/core'].includes(manifest.name)

const options: Options = {
  // Named entries: from a list tsup takes the folder that all have in common as root, and a package with the one door
  // `src/memory/index.ts` would get `dist/index.js`.
  entry: named([...doors, ...commands]),
  dts: { entry: named(doors) },
  tsconfig: '../../tsconfig.build.json',
  format: 'esm',
  target: 'es2023',
  // `node:sqlite` has no name without its protocol.
  removeNodeProtocol: false,
  ...(isForBrowsers && { platform: 'browser' as const }),
  // Data of another package becomes a part of what reads it: not every target knows how to import JSON. So does the code
  // of the small libraries below schema and core: each file that Node looks for and reads costs as much as all that is
  // in it, and of zod it would load a hundred, with the words of sixty languages.
  noExternal: [/^@segno\/schema\/.*\.json$/, ...(isForBrowsers ? [/^zod(\/|$)/, /^yaml$/] : [])],
  // What Node has to read through before it runs anything is a third less. Names stay, for stack traces.
  esbuildOptions(options) {
    options.minifySyntax = true
    options.minifyWhitespace = true
    options.lineLimit = 160
    // Its entry for imports wraps CommonJS, for which each bundle would need a file of helpers.
    options.alias = {
      eventemitter3: fileURLToPath(new URL('node_modules/eventemitter3/dist/eventemitter3.esm.js', here)),
    }
  },
  esbuildPlugins: [thirdPartyLicenses('dist/third-party-licenses.txt')],
  sourcemap: true,
  silent: true,
}

// To import `node:fs` makes Node load all that it has for files and promises, two milliseconds; to ask for it does not.
const modulesAtHand: Plugin = {
  name: 'modules-at-hand',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'node' }))
    onLoad({ filter: /^node:/, namespace: 'node' }, ({ path }) => ({
      contents: Object.keys(process.getBuiltinModule(path) ?? {})
        .map((name) => `export const ${name} = /* @__PURE__ */ (() => process.getBuiltinModule('${path}').${name})()`)
        .join('\n'),
    }))
  },
}

// What the thread of SQLite is made of: every process that uses SQLite waits for it when it begins, and each file that it
// has to look for costs it a millisecond. So it is one, with what others have in files that they share.
const thread: Options = {
  ...options,
  config: false,
  esbuildPlugins: [...(options.esbuildPlugins ?? []), modulesAtHand],
  dts: false,
  splitting: false,
  noExternal: [/^@segno\/core\/storage$/],
  esbuildOptions(settings, context) {
    options.esbuildOptions?.(settings, context)
    // Other packages of this workspace need not be built yet.
    settings.conditions = ['@segno/source']
  },
}
const threads = doors.filter((door) => door === './src/sqlite/thread.ts')

// What runs a checked plan is loaded by every process, and first.
const merged: Readonly<Record<string, Merged>> = {
  '@segno/core': { door: 'index', chunk: 'engine' },
  // Whoever bundles this cannot tell that the constants of SHA-256 are needed by nothing else: editors have no use for it.
  '@segno/schema': { door: 'plan/index', chunk: 'plan', without: 'sha256Hex' },
}

export default defineConfig({
  ...options,
  clean: true,
  async onSuccess() {
    if (threads.length > 0) await build({ ...thread, entry: named(threads) })
    const into = merged[manifest.name]
    if (into !== undefined) await mergeChunks('dist', Object.keys(named(doors)), into)
  },
})

function named(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.slice('./src/'.length, -'.ts'.length), file]))
}
