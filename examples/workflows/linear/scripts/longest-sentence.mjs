import { readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
const prose = readFileSync(file, 'utf8').replace(/^#.*$/gm, '')
const sentences = prose.split(/(?<=[.!?])\s+/).map((sentence) => sentence.replace(/\s+/g, ' ').trim())
const counted = sentences.map((sentence) => ({ sentence, words: sentence.split(' ').length }))
console.log(JSON.stringify(counted.reduce((one, other) => (other.words > one.words ? other : one))))
