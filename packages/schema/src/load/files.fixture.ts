import { loadWorkflow, type LoadOptions } from '../load.ts'

/** A workflow that calls each of what it imports. */
export function importing(name: string, imports: Readonly<Record<string, string>>, more = ''): string {
  const paths = Object.entries(imports).map(([key, path]) => `${key}: ${path}`)
  const calls = Object.keys(imports).map((key) => `  - { id: call_${key}, call: ${key} }\n`)
  return `segno: 1\nname: ${name}\nimports: { ${paths.join(', ')} }\nsteps:\n${calls.join('')}${more}`
}

/** A workflow that imports nothing. */
export const leaf = 'segno: 1\nname: leaf\noutput: { x: { type: integer, value: 1 } }\nsteps: [{ id: a, set: {} }]\n'

/** Texts by path. */
export type Files = Readonly<Record<string, string>>

/** Loads `main.yaml` of some files. */
export function load(files: Files, options: Omit<LoadOptions, 'file' | 'read'> = {}): ReturnType<typeof loadWorkflow> {
  return loadWorkflow(files['main.yaml'] ?? '', { file: 'main.yaml', read: (path) => files[path], ...options })
}

/** Codes and places. */
export function told({ diagnostics }: Pick<ReturnType<typeof loadWorkflow>, 'diagnostics'>): string[] {
  return diagnostics.map(({ code, file, pointer, range }) => {
    const place = range ? `${range.start.line}:${range.start.column}` : pointer
    return `${code} ${file ?? ''} ${place}`
  })
}
