import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [out] = process.argv.slice(2)
const names = readdirSync(out).sort()
const hash = createHash('sha256')
for (const name of names) hash.update(name).update(readFileSync(join(out, name)))
console.log(JSON.stringify({ sha256: hash.digest('hex'), files: names.length }))
