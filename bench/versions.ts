import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The versions of packages, as a module finds them. */
export function versionsFrom(url: string, packages: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(packages.map((name) => [name, versionFrom(dirname(fileURLToPath(url)), name)]))
}

// Not every package lets its package.json be imported: the folders are walked instead.
function versionFrom(folder: string, name: string): string {
  const manifest = join(folder, 'node_modules', name, 'package.json')
  if (existsSync(manifest)) return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  const above = dirname(folder)
  if (above === folder) throw new Error(`the package ${name} is not installed`)
  return versionFrom(above, name)
}
