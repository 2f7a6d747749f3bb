import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [site, out] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
for (const name of readdirSync(site).filter((file) => file.endsWith('.md'))) {
  const text = readFileSync(join(site, name), 'utf8')
  const html = text.replace(/^# (.*)$/gm, '<h1>$1</h1>').replace(/\[(.*?)\]\((.*?)\.md\)/g, '<a href="$2.html">$1</a>')
  writeFileSync(join(out, name.replace(/\.md$/, '.html')), html)
  console.error(`built ${name}`)
}
