import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { failureCodes } from '../failure.ts'
import { scopeOf, valueOf } from './evaluate.fixture.ts'
import { functions } from './functions.ts'
import { expressionLimits } from './limits.ts'
import { macroNames } from './macros.ts'

const page = readFileSync(new URL('../../../../docs/06-expressions.md', import.meta.url), 'utf8')
const scope = scopeOf({}, { skipped: { status: 'skipped' } })

describe('on the page about expressions', () => {
  const examples = [...page.matchAll(/^\| expression +\| value +\|\n.*\n((?:\|.*\n)+)/gm)]
    .flatMap(([, rows = '']) => rows.trim().split('\n'))
    .map((row) => row.split(/(?<=`) +\| +(?=`)/).map((cell) => cell.replace(/^(?:\| )?`|`(?: +\|)?$/g, '')))

  test('there are examples', () => {
    expect(examples.length).toBeGreaterThan(25)
  })

  test.for(examples)('%s is %s', ([text = '', value = '']) => {
    expect(valueOf(text, scope)).toEqual(JSON.parse(value))
  })

  test.for([...functions.keys(), ...macroNames, 'has'])('%s() is described', (name) => {
    expect(page).toContain(`${name}(`)
  })

  test.for([
    'costMax',
    'sourceMax',
    'depthMax',
    'bracketsMax',
    'elementsMax',
    'textMax',
    'templateTextMax',
    'valueTextMax',
    'templateDepthMax',
    'valueDepthMax',
  ] as const)('the limit %s is told', (name) => {
    expect(page).toMatch(
      new RegExp(`\\| ${expressionLimits[name].toLocaleString('en')} (units|characters|levels|elements)`),
    )
  })

  test('every failure code that it tells exists', () => {
    for (const [code] of page.matchAll(/[A-Z]+(?:_[A-Z]+)+/g)) expect(failureCodes).toHaveProperty(code)
  })
})
