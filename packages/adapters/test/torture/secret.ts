import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { postgresText } from './postgres-journals.ts'
import type { StorePlace } from './store-place.ts'

/** The name of what a step prints, and nobody is to read afterwards. */
export const secretName = 'API_TOKEN'

/** Its value. */
export const secret = 'tortured-Zq7/hunter+two'

/** Where the value of the secret stands in what the store and the attempts have kept. */
export async function secretsIn(place: StorePlace): Promise<string[]> {
  const { folder } = place
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names.filter((name) => name.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  const wrong: string[] = []
  for (const file of files) if (tellsSecret(await readFile(file))) wrong.push(`a secret is told in ${file}`)
  if (place.kind === 'postgres' && tellsSecret(Buffer.from(await postgresText(place)))) {
    wrong.push('a secret is told in the database')
  }
  return wrong
}

function tellsSecret(bytes: Buffer): boolean {
  return [secret, Buffer.from(secret).toString('base64')].some((form) => bytes.includes(form))
}
