import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly '@segno/source': string }>>
  readonly bin?: Readonly<Record<string, string>>
}

// Runs in the folder of the package that is built. What is published is read from its package.json, so that a door
// cannot be named there and not be built.
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

// A door that is a file of data, such as a JSON Schema, is published as it is.
const doors = Object.values(manifest.exports).flatMap((door) => (typeof door === 'string' ? [] : door['@segno/source']))
const commands = Object.values(manifest.bin ?? {}).map((file) => file.replace('./dist/', './src/').replace(/js$/, 'ts'))

export default defineConfig({
  // Named entries: from a list tsup takes the folder that all have in common as root, and a package with the one door
  // `src/memory/index.ts` would get `dist/index.js`.
  entry: named([...doors, ...commands]),
  dts: { entry: named(doors) },
  tsconfig: '../../tsconfig.build.json',
  format: 'esm',
  target: 'es2023',
  // `node:sqlite` has no name without its protocol.
  removeNodeProtocol: false,
  // Data of another package becomes a part of what reads it: not every target knows how to import JSON.
  noExternal: [/^@segno\/schema\/.*\.json$/],
  sourcemap: true,
  clean: true,
  silent: true,
})

function named(files: readonly string[]): Record<string, string> {
  return Object.fromEntries(files.map((file) => [file.slice('./src/'.length, -'.ts'.length), file]))
}
