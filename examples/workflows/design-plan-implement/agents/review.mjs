// Stands in for an agent that reviews: it wants every requirement of the source in the file.
import { readFileSync } from 'node:fs'

const [source, file] = process.argv.slice(2)
const text = readFileSync(file, 'utf8')
const required = readFileSync(source, 'utf8').match(/^- .*$/gm) ?? []
const forbidden = required.filter((item) => item.includes('forbidden')).map((item) => `forbidden: ${item}`)
const missing = required.filter((item) => !text.includes(item)).map((item) => `missing: ${item}`)
const verdict = forbidden.length > 0 ? 'block' : missing.length > 0 ? 'revise' : 'approve'
console.log(JSON.stringify({ verdict, findings: verdict === 'block' ? forbidden : missing }))
