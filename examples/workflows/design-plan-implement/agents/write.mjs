// Stands in for an agent that writes: it forgets all but the first requirement, and adds what a review found missing.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

const [kind, source, file] = process.argv.slice(2)
const items = (path) => readFileSync(path, 'utf8').match(/^- .*$/gm) ?? []
const { FINDINGS: findings } = process.env
const found = findings === '' ? [] : findings.split('\n').map((finding) => finding.replace(/^missing: /, ''))
const had = found.length > 0 && existsSync(file) ? items(file) : items(source).slice(0, 1)
const added = found.filter((item) => !item.includes('impossible'))
mkdirSync(dirname(file), { recursive: true })
writeFileSync(file, `# The ${kind}\n\n${[...had, ...added.slice(0, 2)].join('\n')}\n`)
console.error(`wrote ${file}`)
