import { readdirSync, readFileSync } from 'node:fs'
import { eventSchemas, failureCodes, RunEvent } from 'segno'
import { describe, expect, test } from 'vitest'
import { readPage, root, rowsOf, sectionOf } from './page.ts'

const page = readPage('docs/07-events.md')

interface EventSchema {
  readonly properties: object
  readonly required: readonly string[]
}

const published = JSON.parse(readFileSync(`${root}packages/schema/json/event.schema.json`, 'utf8')) as {
  readonly $defs: Readonly<Record<string, EventSchema>>
}
const envelope = ['seq', 'v', 'at', 'runId', 'type']

describe('the page about events tells of', () => {
  test.for(Object.keys(eventSchemas))('%s: when it is written, and each of its fields', (type) => {
    const schema = published.$defs[type]
    const fields = Object.keys(schema?.properties ?? {}).filter((name) => !envelope.includes(name))
    const section = sectionOf(page, type)
    expect(section).toMatch(/^\n?Written /)
    const told = rowsOf(section).flatMap(([names = '']) => names.split(', ').map((name) => name.replaceAll('`', '')))
    expect(told.toSorted()).toEqual(
      fields.map((name) => (schema?.required.includes(name) === true ? name : `${name}?`)).toSorted(),
    )
  })

  test('no type that does not exist', () => {
    const told = [...page.text.matchAll(/^### (.*\..*)$/gm)].flatMap(([, type]) => type ?? [])
    expect(told.toSorted()).toEqual(Object.keys(eventSchemas).toSorted())
  })

  test('every reason that is no failure', () => {
    const folder = `${root}packages/core/src/kernel/`
    const sources = readdirSync(folder).filter((name) => !name.includes('.test'))
    const text = sources.map((name) => readFileSync(folder + name, 'utf8')).join('\n')
    const codes = new Set([...text.matchAll(/(?:code: |\bid, )'([A-Z_]+)'/g)].flatMap(([, code]) => code ?? []))
    const told = rowsOf(sectionOf(page, 'Reasons')).map(([code = '']) => code.replaceAll('`', ''))
    expect(told.toSorted()).toEqual([...codes].filter((code) => !Object.hasOwn(failureCodes, code)).toSorted())
  })

  test('the envelope', () => {
    const told = rowsOf(sectionOf(page, 'The envelope')).map(([name = '']) => name.replaceAll('`', ''))
    expect(told.toSorted()).toEqual(envelope.toSorted())
  })
})

test('the example on the page about events is an event', () => {
  const [example] = page.blocks
  expect(RunEvent.safeParse(JSON.parse(example?.text ?? '')).success).toBe(true)
})
