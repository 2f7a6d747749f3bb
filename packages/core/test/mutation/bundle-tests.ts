import { build, type Plugin } from 'esbuild'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The tests that are about the kernel, and no others: each mutant of it is run against them. */
const patterns = [
  'packages/core/src/kernel/**/*.test.ts',
  'packages/core/test/kernel/**/*.test.ts',
  'packages/core/src/testing/fixture.test.ts',
  // What the kernel does for forks, children, questions and operators is seen from the engine.
  'packages/core/test/runtime/{children,decisions,fork,migrate,operators,request,tasks,view}.test.ts',
]

/**
 * The tests of the kernel and the kernel itself as one text, whose evaluation sets
 * `exports.files`: by path, what loads a file. Evaluating it again gives all of it
 * anew, also what is made once when a module is loaded. Packages stay outside.
 */
export async function bundleTests(root: string): Promise<string> {
  const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root })).toSorted()
  const loads = files.map((file) => `${JSON.stringify(file)}: () => require(${JSON.stringify(join(root, file))})`)
  const { outputFiles } = await build({
    stdin: { contents: `exports.files = { ${loads.join(', ')} }`, resolveDir: root, loader: 'js' },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    plugins: [placed],
  })
  return outputFiles[0]?.text ?? ''
}

// A file that reads others by `import.meta.url` finds them from within the bundle.
const placed: Plugin = {
  name: 'placed',
  setup({ onLoad }) {
    onLoad({ filter: /\/test\/.*\.ts$|\.test\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }))
  },
}
