/** Writes the figures of the last tests into the page about reliability. */
import { readFileSync, writeFileSync } from 'node:fs'
import { page, withFigures } from './reliability-figures.ts'

writeFileSync(page, withFigures(readFileSync(page, 'utf8')))
