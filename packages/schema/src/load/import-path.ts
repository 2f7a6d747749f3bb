/**
 * The path of an import as everybody sees it: from where the path of the file
 * that names it begins. With `/`, and without `.` and `..` as far as they lead
 * nowhere else.
 */
export function importPath(path: string, importer: string | undefined): string {
  const { root, segments } = partsOf(importer ?? '')
  return joined(root, [...segments.slice(0, -1), ...path.split('/')])
}

/** A path in the same spelling. */
export function plainPath(path: string): string {
  const { root, segments } = partsOf(path)
  return joined(root, segments)
}

// A drive, a scheme, or the root of the file system.
function partsOf(path: string): { readonly root: string; readonly segments: readonly string[] } {
  const [root = ''] = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[\\/]*/.exec(path) ?? []
  return { root: root.replaceAll('\\', '/'), segments: path.slice(root.length).split(/[\\/]/) }
}

function joined(root: string, segments: readonly string[]): string {
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '' || segment === '.') continue
    const isUp = segment === '..'
    if (isUp && kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    // Above the root there is nothing.
    else if (!isUp || root === '') kept.push(segment)
  }
  return root + kept.join('/')
}
