import { mkdir, writeFile } from 'node:fs/promises'

/**
 * Keeps the figures of a test for the page that is made of them, as one JSON file,
 * where `SEGNO_FIGURES` names a folder for it; and prints them.
 */
export async function keepFigures(name: string, figures: Readonly<Record<string, unknown>>): Promise<void> {
  const text = JSON.stringify(figures, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)
  process.stdout.write(`${name}: ${text.replaceAll(/\s+/g, ' ')}\n`)
  const folder = process.env['SEGNO_FIGURES']
  if (folder === undefined) return
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/${name}.json`, `${text}\n`)
}
