import { describe, expect, test } from 'vitest'
import { loadDefinition, loadWorkflow } from '../load.ts'
import { planHash } from '../plan/canonical.ts'
import { importing, leaf, load, told } from './files.fixture.ts'

describe('a definition in the place of an import', () => {
  const child = {
    segno: 1,
    name: 'child',
    input: { n: { type: 'integer' } },
    output: { n: { type: 'integer', value: '${{ input.n }}' } },
    steps: [{ id: 'a', set: {} }],
  }
  const main = (imported: unknown, step: object = {}): object => ({
    segno: 1,
    name: 'main',
    imports: { child: imported },
    steps: [{ id: 'c', call: 'child', with: { n: 1 }, ...step }],
  })

  test('is what a file would be: both give one hash', () => {
    const files = {
      'main.yaml':
        'segno: 1\nname: main\nimports: { child: lib/child.json }\nsteps: [{ id: c, call: child, with: { n: 1 } }]\n',
      'lib/child.json': JSON.stringify(child),
    }
    const { workflow } = load(files)
    const inline = loadDefinition(main(child))
    expect(inline.diagnostics).toEqual([])
    expect(inline.workflow?.hash).toBe(workflow?.hash)
    expect(inline.workflow?.definition).toEqual(workflow?.definition)
    // And so does a text, and what was closed before.
    expect(loadWorkflow(JSON.stringify(main(child))).workflow?.hash).toBe(workflow?.hash)
    const closed = workflow?.definition
    expect(loadDefinition(closed).workflow?.hash).toBe(workflow?.hash)
    expect(loadDefinition(JSON.parse(JSON.stringify(closed))).workflow?.hash).toBe(workflow?.hash)
    expect(closed && planHash(closed)).toBe(workflow?.hash)
  })

  test('has its mistakes at its place', () => {
    const broken = { ...child, titel: 'x', steps: [{ id: 'a', uses: 'h', needs: ['b'] }] }
    expect(told(loadDefinition(main(broken, { with: { m: 1 } })))).toEqual([
      'UNKNOWN_KEY  /imports/child/titel',
      'MISPLACED_NEEDS  /imports/child/steps/0/needs',
    ])
    expect(told(loadDefinition(main(child, { with: { m: 1 } })))).toEqual([
      'MISSING_INPUT  /steps/0/with',
      'UNKNOWN_INPUT  /steps/0/with/m',
    ])
  })

  test('has its mistakes at their places in a text', () => {
    const text = `segno: 1
name: main
imports:
  child:
    segno: 1
    name: child
    steps:
      - { id: a, set: { x: "\${{ input.x }}" }, titel: b }
steps: [{ id: c, call: child }]
`
    expect(told(loadWorkflow(text, { file: 'main.yaml' }))).toEqual([
      'UNKNOWN_INPUT main.yaml 8:39',
      'UNKNOWN_KEY main.yaml 8:48',
    ])
  })

  test('may import files, from the folder of the file that it stands in', () => {
    const text = `segno: 1
name: main
imports: { child: { segno: 1, name: child, imports: { leaf: ../leaf.yaml }, steps: [{ id: a, call: leaf }] } }
steps: [{ id: c, call: child }]
`
    const reads: string[] = []
    const read = (path: string): string => {
      reads.push(path)
      return leaf
    }
    expect(loadWorkflow(text, { file: 'flows/main.yaml', read }).diagnostics).toEqual([])
    expect(reads).toEqual(['leaf.yaml'])
  })

  test('may stand in several places as one object, whose mistakes are told once', () => {
    const broken = { ...child, titel: 'x' }
    const other = { ...main(broken), name: 'other' }
    const twice = {
      ...main(broken),
      imports: { child: broken, other },
      steps: [
        { id: 'c', call: 'child', with: { n: 1 } },
        { id: 'o', call: 'other' },
      ],
    }
    expect(told(loadDefinition(twice))).toEqual(['UNKNOWN_KEY  /imports/child/titel'])
  })

  test('has limits of its own for its size and depth', () => {
    const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)])
    const wide = { ...child, 'x-deep': deep(60), 'x-wide': Array.from({ length: 15_000 }, () => 1) }
    expect(
      loadDefinition(main({ ...wide, imports: { more: wide }, steps: [{ id: 'm', call: 'more', with: { n: 1 } }] }))
        .diagnostics,
    ).toEqual([])
    expect(told(loadDefinition(main({ ...child, 'x-wide': Array.from({ length: 20_000 }, () => 1) })))).toEqual([
      'TOO_MANY_NODES  ',
    ])
  })

  const nested = (depth: number): object =>
    depth === 0
      ? { ...child, input: {}, output: {} }
      : { ...main(nested(depth - 1)), steps: [{ id: 'c', call: 'child' }] }

  test('nests sixteen deep and no deeper', () => {
    expect(loadDefinition(nested(16)).diagnostics).toEqual([])
    expect(told(loadDefinition(nested(17)))).toEqual([`IMPORT_TOO_DEEP  ${'/imports/child'.repeat(17)}`])
    expect(told(loadDefinition(nested(500)))).toEqual([`IMPORT_TOO_DEEP  ${'/imports/child'.repeat(17)}`])
  })

  test('cannot hold itself', () => {
    const circle: { imports?: object } = { ...main(child) }
    circle.imports = { child: circle }
    expect(told(loadDefinition(circle))).toEqual(['NOT_JSON  /imports/child'])
  })

  test('may be a path where files are read', () => {
    const read = (path: string): string | undefined => (path === 'child.json' ? JSON.stringify(child) : undefined)
    expect(loadDefinition(main('child.json'), { read }).workflow?.hash).toBe(loadDefinition(main(child)).workflow?.hash)
    expect(told(loadDefinition(main('child.json')))).toEqual(['IMPORT_NOT_FOUND  /imports/child'])
  })
})

describe('the name of a plan', () => {
  const hashWith = (text: string): string | undefined =>
    load({ 'main.yaml': importing('main', { one: 'one.yaml' }), 'one.yaml': text }).workflow?.hash

  test('is another one where what is imported means something else', () => {
    expect(hashWith(leaf)).toBeDefined()
    expect(hashWith(leaf.replace('value: 1', 'value: 2'))).not.toBe(hashWith(leaf))
  })

  test.for<[string, string]>([
    ['a comment', `# A leaf.\n${leaf}`],
    ['white space', leaf.replace('{ id: a, set: {} }', '{  id:  a,\n  set: {}  }')],
    ['an own key', `${leaf}x-note: 1\n`],
    ['quotes', leaf.replace('name: leaf', 'name: "leaf"')],
  ])('is the same with %s in it', ([, text]) => {
    expect(hashWith(text)).toBe(hashWith(leaf))
  })

  test('does not tell where a file was', () => {
    const moved = load({ 'main.yaml': importing('main', { one: 'lib/two.yaml' }), 'lib/two.yaml': leaf })
    expect(moved.workflow?.hash).toBe(hashWith(leaf))
  })
})
