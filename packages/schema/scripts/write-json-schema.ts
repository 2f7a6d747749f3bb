import { mkdir, writeFile } from 'node:fs/promises'
import { jsonSchemaFiles } from './json-schemas.ts'

const folder = new URL('../json/', import.meta.url)
await mkdir(folder, { recursive: true })
for (const [name, text] of Object.entries(jsonSchemaFiles())) await writeFile(new URL(name, folder), text)
