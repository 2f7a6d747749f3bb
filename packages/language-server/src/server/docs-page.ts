import { existsSync } from 'node:fs'

// In the package the page lies beside the code; in the sources, in the folder of all pages.
const page = ['./docs/09-errors.md', '../docs/09-errors.md', '../../../../docs/09-errors.md']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url))

/** Where the page lies that explains a code. */
export function docsOf(docUrl: string): string {
  const anchor = docUrl.split('#')[1] ?? ''
  return `${page?.href ?? docUrl}#${anchor}`
}
