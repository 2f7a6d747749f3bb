import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [site] = process.argv.slice(2)
const pages = readdirSync(site).filter((name) => name.endsWith('.md'))
const words = pages.map((name) => readFileSync(join(site, name), 'utf8').split(/\s+/).length)
console.log(JSON.stringify({ pages: pages.length, words: words.reduce((sum, count) => sum + count, 0) }))
