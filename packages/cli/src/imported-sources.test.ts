import { loadWorkflow } from '@segno/schema'
import { expect, test } from 'vitest'
import { importedSources, sourcesByHash } from './imported-sources.ts'
import { playedTo } from './progress/played.fixture.ts'
import { placeOfStep, type SourceText } from './screen/source-place.ts'

const main = `segno: 1
name: main
imports: { middle: lib/middle.yaml }
steps:
  - id: first
    uses: h
    undo:
      uses: h
  - { id: go, call: middle }
`
const files = new Map([
  ['lib/middle.yaml', 'segno: 1\nname: middle\nimports: { inner: ./inner.yaml }\nsteps: [{ id: on, call: inner }]\n'],
  ['lib/inner.yaml', 'segno: 1\nname: inner\nsteps:\n  - set: {}\n    id: a\n  - id: b\n    set: {}\n'],
])
const loaded = loadWorkflow(main, { file: 'main.yaml', read: (path) => files.get(path) })
if (loaded.workflow === undefined) throw new Error(JSON.stringify(loaded.diagnostics))
const { definition, sourceMap } = loaded.workflow
const source: SourceText = {
  file: 'main.yaml',
  text: main,
  sourceMap,
  imported: importedSources(definition, loaded.files),
}

function place(path: string, of: SourceText): string | undefined {
  const progress = playedTo({ definition, handlers: { h: {} }, script: { first: [{}] } })
  const step = progress.steps.get(path)
  const found = step && placeOfStep(step, of)
  return found && `${found.source.file}:${found.range.start.line}:${found.range.start.column}`
}

test('a step of a called workflow stands in the file of that one', () => {
  expect(place('first', source)).toBe('main.yaml:5:9')
  expect(place('go/on', source)).toBe('lib/middle.yaml:4:15')
  expect(place('go/on/a', source)).toBe('lib/inner.yaml:5:9')
  expect(place('go/on/b', source)).toBe('lib/inner.yaml:6:9')
})

test('one whose file is another by now stands where it is called', () => {
  const edited = new Map(loaded.files).set(
    'lib/inner.yaml',
    files.get('lib/inner.yaml')?.replace('id: b', 'id: c') ?? '',
  )
  expect(place('go/on/a', { ...source, imported: importedSources(definition, edited) })).toBe('main.yaml:9:11')
  const { imported: _, ...alone } = source
  expect(place('go/on/a', alone)).toBe('main.yaml:9:11')
})

test('files are found by what they say', () => {
  const { middle } = definition.imports ?? {}
  expect(typeof middle).toBe('object')
  expect([...sourcesByHash(loaded.files).values()].map(({ file }) => file)).toEqual([...loaded.files.keys()])
})
