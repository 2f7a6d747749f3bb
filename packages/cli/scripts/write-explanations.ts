import { writeFileSync } from 'node:fs'
import { explanationsFile, explanationsText } from '../test/docs/explanations.ts'
import { root } from '../test/docs/page.ts'

writeFileSync(root + explanationsFile, explanationsText())
