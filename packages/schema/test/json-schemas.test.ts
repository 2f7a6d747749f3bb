import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { jsonSchemaFiles } from '../scripts/json-schemas.ts'

describe('the published JSON Schemas', () => {
  test.for(Object.entries(jsonSchemaFiles()))('%s is what the zod schemas say', ([name, text]) => {
    expect(readFileSync(new URL(`../json/${name}`, import.meta.url), 'utf8')).toBe(text)
  })
})
