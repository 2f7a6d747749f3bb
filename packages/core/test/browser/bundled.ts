import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { BuildOptions } from 'esbuild'

const root = fileURLToPath(new URL('../../../..', import.meta.url))

/** The sources as one script for a browser, whose exports are in the global `segno`. */
export async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({ ...browserBuild(entry), format: 'iife', globalName: 'segno' })
  return outputFiles.map((file) => file.text).join('\n')
}

/** How a bundler builds for a browser. */
export function browserBuild(entry: string): BuildOptions & { readonly write: false; readonly metafile: true } {
  return {
    stdin: { contents: entry, resolveDir: root, loader: 'ts' },
    absWorkingDir: root,
    outdir: 'bundle',
    platform: 'browser',
    conditions: ['@segno/source'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    logLevel: 'silent',
  }
}
