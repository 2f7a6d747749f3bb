// Looks at what is live as a visitor would.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [out] = process.argv.slice(2)
const release = join(out, readFileSync(join(out, 'live'), 'utf8'))
for (const name of readdirSync(release)) {
  if (!readFileSync(join(release, name), 'utf8').includes('TODO')) continue
  console.error(`${name} is not done`)
  process.exitCode = 1
}
