import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const suites = {
  links: (html, out) => [...html.matchAll(/href="(.*?)"/g)].every(([, to]) => existsSync(join(out, to))),
  titles: (html) => html.includes('<h1>'),
  size: (html) => html.length < 100_000,
}
const [suite, out] = process.argv.slice(2)
for (const name of readdirSync(out)) {
  if (!suites[suite](readFileSync(join(out, name), 'utf8'), out)) {
    console.error(`${name} fails the test of ${suite}`)
    process.exitCode = 1
  }
}
