// Tests what was implemented, and prints the tasks whose test fails.
import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'

const [out] = process.argv.slice(2)
const modules = await Promise.all(readdirSync(out).map((name) => import(resolve(out, name))))
console.log(JSON.stringify({ failing: modules.flatMap(({ task, result }) => (result === task ? [] : [task])) }))
