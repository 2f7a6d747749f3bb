// Stands in for an agent that writes code: its first attempt at a long task is wrong.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [out, given] = process.argv.slice(2)
const task = given.slice('task='.length)
const isRight = task.length < 24 || process.env.FINDINGS !== undefined
mkdirSync(out, { recursive: true })
writeFileSync(
  join(out, `${task.toLowerCase().replace(/[^a-z]+/g, '-')}.mjs`),
  `export const task = ${JSON.stringify(task)}\nexport const result = ${isRight ? 'task' : "'wrong'"}\n`,
)
