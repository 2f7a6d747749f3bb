import { describe, expect, test } from 'vitest'
import { loadWorkflow, type LoadOptions } from '../load.ts'
import { importing, leaf, load, told, type Files } from './files.fixture.ts'

describe('what is imported', () => {
  test('stands in the definition, and what it imports in it', () => {
    const files = {
      'main.yaml': importing('main', { one: './lib/one.yaml' }),
      'lib/one.yaml': importing('one', { two: '../two.yaml', three: 'sub/three.yaml' }),
      'two.yaml': leaf,
      'lib/sub/three.yaml': leaf.replace('leaf', 'three'),
    }
    const { workflow, diagnostics, files: texts } = load(files)
    expect(diagnostics).toEqual([])
    expect(workflow?.definition.imports).toMatchObject({
      one: { name: 'one', imports: { two: { name: 'leaf' }, three: { name: 'three' } } },
    })
    expect([...texts.keys()]).toEqual(['lib/one.yaml', 'two.yaml', 'lib/sub/three.yaml'])
    expect(texts.get('two.yaml')).toBe(leaf)
  })

  test('is read and checked once, from how many places it may be imported', () => {
    const reads: string[] = []
    const files: Files = {
      'main.yaml': importing('main', { one: 'one.yaml', two: 'two.yaml', leaf: './leaf.yaml' }),
      'one.yaml': importing('one', { leaf: 'leaf.yaml' }),
      'two.yaml': importing('two', { leaf: 'x/../leaf.yaml' }),
      'leaf.yaml': `${leaf}titel: x\n`,
    }
    const read = (path: string): string | undefined => {
      reads.push(path)
      return files[path]
    }
    expect(told(loadWorkflow(files['main.yaml'] ?? '', { file: 'main.yaml', read }))).toEqual([
      'IMPORT_INVALID main.yaml 3:17',
      'IMPORT_INVALID main.yaml 3:32',
      'IMPORT_INVALID main.yaml 3:48',
      'IMPORT_INVALID one.yaml 3:18',
      'UNKNOWN_KEY leaf.yaml 5:1',
      'IMPORT_INVALID two.yaml 3:18',
    ])
    expect(reads).toEqual(['one.yaml', 'leaf.yaml', 'two.yaml'])
  })

  test('is one object in the definition, however often it is imported', () => {
    const files = {
      'main.yaml': importing('main', { one: 'leaf.yaml', two: 'leaf.yaml' }),
      'leaf.yaml': leaf,
    }
    const { one, two } = load(files).workflow?.definition.imports ?? {}
    expect(one).toBe(two)
  })

  test('tells all its mistakes where it has errors, and at each import the place to correct', () => {
    const { diagnostics } = load({
      'main.yaml': importing('main', { one: 'one.yaml' }),
      'one.yaml': importing('one', { two: 'two.yaml' }),
      'two.yaml': 'segno: 1\nname: two\nsteps: [{ id: a, set: {}, titel: x }, { id: b, uses: h, needs: [c] }]\n',
    })
    expect(diagnostics.map(({ code, file, hint }) => [code, file, hint])).toEqual([
      ['IMPORT_INVALID', 'main.yaml', 'correct two.yaml:3:27 (UNKNOWN_KEY)'],
      ['IMPORT_INVALID', 'one.yaml', 'correct two.yaml:3:27 (UNKNOWN_KEY)'],
      ['UNKNOWN_KEY', 'two.yaml', 'did you mean "title"?'],
      ['MISPLACED_NEEDS', 'two.yaml', undefined],
    ])
  })

  test('may have warnings, which are told with their file', () => {
    const files = {
      'main.yaml': importing('main', { one: 'one.yaml' }),
      'one.yaml': 'segno: 1\nname: one\nsteps: [{ id: a, waitFor: { signal: s } }]\n',
    }
    const { workflow, diagnostics } = load(files)
    expect(workflow).toBeDefined()
    expect(told({ diagnostics })).toEqual(['WAIT_WITHOUT_END one.yaml 3:18'])
  })

  test('has the handlers of the same host, and says in its own file which are missing', () => {
    const files = {
      'main.yaml': importing('main', { one: 'one.yaml' }, '  - { id: b, uses: pay }\n'),
      'one.yaml': 'segno: 1\nname: one\nsteps: [{ id: a, uses: sned }, { id: b, exec: [ls] }]\n',
    }
    expect(told(load(files, { handlers: new Set(['send', 'pay']).values() }))).toEqual([
      'IMPORT_INVALID main.yaml 3:17',
      'UNKNOWN_HANDLER one.yaml 3:24',
      'UNKNOWN_HANDLER one.yaml 3:41',
    ])
  })

  test('with an error in its steps is known by its inputs and outputs all the same', () => {
    const broken = leaf.replace('steps: [', 'steps: [{ id: b, set: { x: "${{ steps.c.output }}" } }, ')
    const reads = '  - { id: b, set: { y: "${{ steps.call_one.output.y }}" } }\n'
    const files = { 'main.yaml': importing('main', { one: 'one.yaml' }, reads), 'one.yaml': broken }
    expect(told(load(files))).toEqual([
      'IMPORT_INVALID main.yaml 3:17',
      'UNKNOWN_FIELD main.yaml 6:51',
      'UNKNOWN_STEP one.yaml 4:39',
    ])
  })

  test('with an error in its shape is not held to what it may have meant', () => {
    const broken = leaf.replace('output:', 'outptu:')
    const reads = '  - { id: b, set: { y: "${{ steps.call_one.output.y }}" } }\n'
    const files = { 'main.yaml': importing('main', { one: 'one.yaml' }, reads), 'one.yaml': broken }
    expect(told(load(files))).toEqual(['IMPORT_INVALID main.yaml 3:17', 'UNKNOWN_KEY one.yaml 3:1'])
  })
})

describe('an import that is not there', () => {
  const text = importing('main', { one: 'lib/none.yaml' })

  test.for<[string, LoadOptions, string, string | undefined]>([
    [
      'where nobody reads files',
      {},
      'there is no workflow at "lib/none.yaml": no files are read here',
      'give the workflow itself, or "read"',
    ],
    [
      'where no file is',
      { file: 'flows/main.yaml', read: () => undefined },
      'there is no workflow at "flows/lib/none.yaml"',
      'the paths of imports begin at the folder of flows/main.yaml',
    ],
    [
      'where it may not be read',
      { file: 'main.yaml', read: () => ({ reason: 'it is a folder' }) },
      '"lib/none.yaml" cannot be imported: it is a folder',
      undefined,
    ],
  ])('is told with why: %s', ([, options, message, hint]) => {
    const { workflow, diagnostics } = loadWorkflow(text, options)
    expect(workflow).toBeUndefined()
    expect(diagnostics).toMatchObject([{ code: 'IMPORT_NOT_FOUND', message, pointer: '/imports/one' }])
    expect(diagnostics[0]?.hint).toBe(hint)
  })

  test.for(['/lib/a.yaml', 'C:/a.yaml', 'lib\\\\a.yaml', 'lib/a.txt', 'lib/'])('is not looked for at "%s"', (path) => {
    const reads: string[] = []
    const read = (wanted: string): undefined => void reads.push(wanted)
    const { diagnostics } = loadWorkflow(importing('main', { one: `"${path}"` }), { file: 'main.yaml', read })
    expect(told({ diagnostics })).toEqual(['INVALID_VALUE main.yaml 3:17'])
    expect(reads).toEqual([])
  })
})

describe('workflows that import each other in a circle', () => {
  test('are told as the chain that closes it', () => {
    const files = {
      'main.yaml': importing('main', { a: 'lib/a.yaml' }),
      'lib/a.yaml': importing('a', { b: './b.yaml' }),
      'lib/b.yaml': importing('b', { a: 'a.yaml', main: '../main.yaml' }),
    }
    const circles = load(files).diagnostics.filter(({ code }) => code === 'IMPORT_CYCLE')
    expect(circles.map(({ message, file, pointer }) => [message, file, pointer])).toEqual([
      ['workflows import each other in a circle: lib/a.yaml → lib/b.yaml → lib/a.yaml', 'lib/b.yaml', '/imports/a'],
      [
        'workflows import each other in a circle: main.yaml → lib/a.yaml → lib/b.yaml → main.yaml',
        'lib/b.yaml',
        '/imports/main',
      ],
    ])
  })

  test('are found where the file that is loaded has no name', () => {
    const files: Files = { 'a.yaml': importing('a', { a: 'a.yaml' }) }
    expect(told(loadWorkflow(importing('main', { a: 'a.yaml' }), { read: (path) => files[path] }))).toEqual([
      'IMPORT_INVALID  3:15',
      'IMPORT_CYCLE a.yaml 3:15',
    ])
  })
})

describe('imports have limits:', () => {
  const chain = (length: number): Files => ({
    'main.yaml': importing('main', { next: '1.yaml' }),
    ...Object.fromEntries(
      Array.from({ length }, (_, index) => [
        `${index + 1}.yaml`,
        index + 1 === length ? leaf : importing(`n${index}`, { next: `${index + 2}.yaml` }),
      ]),
    ),
  })

  test('sixteen deep, and no deeper', () => {
    expect(load(chain(16)).diagnostics).toEqual([])
    const diagnostics = load(chain(17)).diagnostics.filter(({ code }) => code !== 'IMPORT_INVALID')
    expect(told({ diagnostics })).toEqual(['IMPORT_TOO_DEEP 16.yaml 3:18'])
  })

  test('also where what is too deep from one place was read from another', () => {
    const files = { ...chain(16), 'main.yaml': importing('main', { near: '2.yaml', next: 'far.yaml' }) }
    const far = { ...files, 'far.yaml': importing('far', { next: '1.yaml' }) }
    const diagnostics = load(far).diagnostics.filter(({ code }) => code !== 'IMPORT_INVALID')
    expect(told({ diagnostics })).toEqual(['IMPORT_TOO_DEEP 1.yaml 3:18'])
  })

  const many = (count: number): Files => {
    const names = Array.from({ length: count }, (_, index) => `n${index}`)
    const imports = Object.fromEntries(names.map((name) => [name, `${name}.yaml`]))
    return {
      'main.yaml': importing('main', imports),
      ...Object.fromEntries(names.map((name) => [`${name}.yaml`, leaf])),
    }
  }

  test('blocks nest sixteen deep in each, however deep it is imported itself', () => {
    const blocks = (depth: number): string => (depth === 0 ? '[]' : `[{ id: d${depth}, do: ${blocks(depth - 1)} }]`)
    const inner = `segno: 1\nname: inner\nsteps: ${blocks(16)}\n`
    const outer = importing('main', { inner: 'inner.yaml' }, `  - { id: outer, do: ${blocks(15)} }\n`)
    expect(load({ 'main.yaml': outer, 'inner.yaml': inner }).diagnostics).toEqual([])
  })

  test('a hundred files', () => {
    expect(load(many(100)).diagnostics).toEqual([])
    expect(load(many(103)).diagnostics).toMatchObject([
      { code: 'IMPORT_TOO_LARGE', pointer: '/imports/n100', message: 'more than 100 files are imported' },
    ])
  })

  test('4 MiB with all that stands in the place of imports, which is not written out to be measured', () => {
    const big = `segno: 1\nname: big\nsteps: [{ id: a, set: { x: "${'x'.repeat(100_000)}" } }]\n`
    const twice = (path: string): string => importing('twice', { a: path, b: path })
    const doubled = Object.fromEntries(
      Array.from({ length: 15 }, (_, index) => [`${index}.yaml`, index === 0 ? big : twice(`${index - 1}.yaml`)]),
    )
    const diagnostics = load({ ...doubled, 'main.yaml': twice('14.yaml') }).diagnostics.filter(
      ({ code }) => code !== 'IMPORT_INVALID',
    )
    // 32 times 100 kB fit, 64 times do not.
    expect(told({ diagnostics })).toEqual(['IMPORT_TOO_LARGE 6.yaml 3:26'])
  })
})
