import { renameSync, writeFileSync } from 'node:fs'

const [live, release] = process.argv.slice(2)
writeFileSync(`${live}.next`, release)
renameSync(`${live}.next`, live)
console.error(`live is ${release}`)
