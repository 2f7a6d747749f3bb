import { writeSync } from 'node:fs'
import { sqliteStorage } from '../../src/sqlite/index.ts'
import { claim } from './runs.ts'

// Holds the lease of a run until it is killed.
const [file = ''] = process.argv.slice(2)
await claim(sqliteStorage({ file }), 'run')
writeSync(1, 'held')
process.stdin.resume()
