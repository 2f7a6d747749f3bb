import type { Definition } from '../definition.ts'
import { definitionIn, textOf, type DefinitionHolder } from './to-yaml.ts'

/**
 * The YAML texts of a workflow by their paths: its own at `file`, which is first,
 * and each definition in the place of an import in a file of its own beside it,
 * named after its workflow. The same definition is written once. Loaded back with
 * a `read` that finds them, they give the same hash. Throws what `toYaml` throws.
 *
 * @example
 * ```ts
 * for (const [path, text] of toYamlFiles(order, { file: 'flows/order.segno.yaml' })) await writeFile(path, text)
 * ```
 */
export function toYamlFiles(
  workflow: Definition | DefinitionHolder,
  { file }: { readonly file?: string } = {},
): ReadonlyMap<string, string> {
  const definition = definitionIn(workflow)
  const main = file ?? `${definition.name}.segno.yaml`
  const cut = Math.max(main.lastIndexOf('/'), main.lastIndexOf('\\')) + 1
  const folder = main.slice(0, cut)
  const parting: Parting = { taken: new Set([main.slice(cut).toLowerCase()]), names: new Map(), files: new Map() }
  takePaths(parting, definition)
  const text = textOf(withPaths(parting, definition))
  return new Map([[main, text], ...[...parting.files].map(([part, name]) => [folder + name, part] as const)])
}

interface Parting {
  /** Names of files in lower case: some file systems know no other. */
  readonly taken: Set<string>
  readonly names: Map<Definition, string>
  /** The name of the file that has a text. */
  readonly files: Map<string, string>
}

// A path that stands there already begins at the same folder, and what it leads to is not written over.
function takePaths(parting: Parting, { imports = {} }: Definition): void {
  for (const inner of Object.values(imports)) {
    if (typeof inner === 'string') parting.taken.add(inner.replace(/^\.\//, '').toLowerCase())
    else takePaths(parting, inner)
  }
}

function withPaths(parting: Parting, definition: Definition): Definition {
  const { imports } = definition
  if (imports === undefined) return definition
  const paths = Object.entries(imports).map(([name, inner]) => [
    name,
    typeof inner === 'string' ? inner : `./${nameOf(parting, inner)}`,
  ])
  return { ...definition, imports: Object.fromEntries(paths) as Record<string, string> }
}

function nameOf(parting: Parting, definition: Definition): string {
  const { taken, names, files } = parting
  const known = names.get(definition)
  if (known !== undefined) return known
  const text = textOf(withPaths(parting, definition))
  const name = files.get(text) ?? freeName(taken, definition.name)
  names.set(definition, name)
  taken.add(name.toLowerCase())
  files.set(text, name)
  return name
}

function freeName(taken: ReadonlySet<string>, name: string): string {
  for (let count = 1; ; count++) {
    const free = `${name}${count === 1 ? '' : `-${count}`}.segno.yaml`
    if (!taken.has(free.toLowerCase())) return free
  }
}
