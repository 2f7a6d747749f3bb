import { describe, test } from 'vitest'
import { expectTold } from './marked-text.fixture.ts'

type Row = readonly [name: string, text: string, codes: readonly string[]]
const set = (value: string, id = 'z'): string => `- { id: ${id}, set: { x: "\${{ ${value} }}" } }`

describe('without a guard', () => {
  test.for<Row>([
    ['an optional input may be missing', set('input.▸maybe'), ['MAYBE_MISSING']],
    ['a field may be missing', set('input.person.▸mail'), ['MAYBE_MISSING']],
    [
      'a field of what may be null cannot be read',
      '- { id: a, forEach: { in: [null, { n: 1 }] }, do: [{ id: b, set: { x: "${{ ▸item.n }}" } }] }',
      ['MAYBE_NULL'],
    ],
    ['what may be null is no text', set("▸input.nullable + 'a'"), ['MAYBE_NULL']],
    ['an element may be missing', set('input.list[▸0]'), ['MAYBE_MISSING']],
    ['a field of one variant may be missing', set('input.shape.▸radius'), ['MAYBE_MISSING']],
    ['a field that is not named is unknown', set('input.person.▸nmae'), ['UNKNOWN_FIELD']],
    ['what is not known may have any field', set('input.any.x.y + 1'), []],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('in an expression', () => {
  test.for<Row>([
    ['has() proves what it asks for', set("has(input.maybe) ? input.maybe : ''"), []],
    ['has() proves nothing where it is false', set("has(input.maybe) ? '' : input.▸maybe"), ['MAYBE_MISSING']],
    ['has() proves what it asks for to &&', set("has(input.maybe) && input.maybe == 'a'"), []],
    ['!has() proves it to ||', set("!has(input.maybe) || input.maybe == 'a'"), []],
    ['a comparison with null does', set("input.nullable != null ? input.nullable + 'a' : ''"), []],
    ['a comparison with null does the other way round', set("null == input.nullable ? '' : input.nullable + 'a'"), []],
    [
      'both have to be asked',
      set("has(input.person.mail) && input.person.mail != null ? input.person.mail + 'a' : ''"),
      [],
    ],
    ['one of both is not enough', set("has(input.person.mail) ? ▸input.person.mail + 'a' : ''"), ['MAYBE_NULL']],
    ['a tag proves its variant', set("input.shape.is == 'circle' ? input.shape.radius : input.shape.side"), []],
    ['a tag proves no other variant', set("input.shape.is == 'circle' ? input.shape.▸side : 0"), ['MAYBE_MISSING']],
    ['has() of a field proves its variant', set('has(input.shape.radius) ? input.shape.radius : input.shape.side'), []],
    [
      'in a list of values proves one of them',
      set("input.kind in ['a', 'b'] ? (▸input.kind == 'c' ? 1 : 2) : 3"),
      ['CONSTANT_CONDITION'],
    ],
    ['in proves a key of a map', set("'mail' in input.person ? input.person.mail : ''"), []],
    ['a size proves elements', set("size(input.list) > 0 ? input.list[0] : ''"), []],
    [
      'a size proves no more elements than it says',
      set("size(input.list) > 1 ? input.list[▸2] : ''"),
      ['MAYBE_MISSING'],
    ],
    ['has() proves an element', set("has(input.list[2]) ? input.list[2] : ''"), []],
    [
      'a status proves what a step shows',
      `
      - { id: a, if: input.flag, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.status == 'completed' ? steps.a.output.x : 0 }}" } }
    `,
      [],
    ],
    [
      'a status that rules out does',
      `
      - { id: a, if: input.flag, set: { x: 1 } }
      - { id: b, set: { x: "\${{ steps.a.status == 'skipped' ? 0 : steps.a.output.x }}" } }
    `,
      [],
    ],
    [
      'a failed step has a failure',
      `
      - { id: a, uses: work, onFailure: continue }
      - { id: b, set: { x: "\${{ steps.a.status == 'failed' ? steps.a.failure.code : '' }}" } }
    `,
      [],
    ],
    [
      'an output that is asked for rules out that it failed',
      `
      - { id: a, uses: work, onFailure: continue }
      - { id: b, set: { x: "\${{ has(steps.a.output) ? steps.a.output : steps.a.failure.message }}" } }
    `,
      [],
    ],
    ['in a macro, of its own variable', set("input.list.filter(one, one != 'a').map(one, one + 'b')"), []],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})

describe('the condition of', () => {
  test.for<Row>([
    ['a step guards its values', '- { id: a, if: has(input.maybe), set: { x: "${{ input.maybe }}" } }', []],
    [
      'a step guards nothing after it',
      `
      - { id: a, if: has(input.maybe), set: {} }
      ${set('input.▸maybe')}
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'a block guards its first list',
      `
      - { id: a, if: has(input.maybe), do: [{ id: b, set: { x: "\${{ input.maybe }}" } }] }
    `,
      [],
    ],
    [
      'a block does not guard its second list',
      `
      - { id: a, if: has(input.maybe), do: [], else: [{ id: b, set: { x: "\${{ input.▸maybe }}" } }] }
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'a block around, however far',
      `
      - { id: a, if: has(input.maybe), do: [{ id: b, do: [{ id: c, forEach: { in: input.list }, do: [{ id: d, set: { x: "\${{ input.maybe }}" } }] }] }] }
    `,
      [],
    ],
    [
      'a loop guards its iterations',
      `
      - { id: a, repeat: { max: 2, while: has(input.maybe) }, do: [{ id: b, set: { x: "\${{ input.maybe }}" } }] }
    `,
      [],
    ],
    [
      'a wait sees its data',
      `
      - id: a
        waitFor: { signal: s, schema: { type: object, properties: { ok: { type: boolean } } }, if: has(data.ok) && data.ok }
        timeout: 1h
      - id: b
        waitFor: { signal: s, schema: { type: object, properties: { ok: { type: boolean } } }, if: data.▸ok }
        timeout: 1h
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'an assertion guards what follows',
      `
      - { id: a, assert: has(input.maybe) }
      ${set('input.maybe')}
    `,
      [],
    ],
    [
      'a branch that ends with a failure guards what follows',
      `
      - { id: a, if: '!has(input.maybe)', do: [{ id: b, fail: { code: A, message: a } }] }
      ${set('input.maybe')}
    `,
      [],
    ],
    [
      'a step that fails guards what follows',
      `
      - { id: a, if: '!has(input.maybe)', fail: { code: A, message: a } }
      ${set('input.maybe')}
    `,
      [],
    ],
    [
      'a step that returns guards what follows',
      `
      steps:
        - { id: a, if: '!has(input.maybe)', return: { x: '' } }
      output: { x: { type: string, value: "\${{ input.maybe }}" } }
    `,
      [],
    ],
    [
      'an assertion inside of a group guards what follows it',
      `
      - { id: a, do: [{ id: b, assert: has(input.maybe) }] }
      ${set('input.maybe')}
    `,
      [],
    ],
    [
      'an assertion that may be skipped guards nothing',
      `
      - { id: a, if: input.flag, assert: has(input.maybe) }
      ${set('input.▸maybe')}
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'one that failed without matter guards nothing',
      `
      - { id: a, onFailure: continue, do: [{ id: b, assert: has(input.maybe) }] }
      ${set('input.▸maybe')}
    `,
      ['MAYBE_MISSING'],
    ],
    [
      'what both branches prove is proved',
      `
      - { id: a, if: input.flag, do: [{ id: b, assert: has(input.maybe) }], else: [{ id: c, assert: has(input.maybe) }] }
      ${set('input.maybe')}
    `,
      [],
    ],
    [
      'what one branch proves is not',
      `
      - { id: a, if: input.flag, do: [{ id: b, assert: has(input.maybe) }], else: [] }
      ${set('input.▸maybe')}
    `,
      ['MAYBE_MISSING'],
    ],
  ])('%s', ([, text, codes]) => expectTold(text, codes))
})
