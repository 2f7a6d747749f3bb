import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agrees, outcomeOf } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { reasonOf, reasons } from './reasons.ts'
import { celCases } from './suite.ts'

/*
 * The public conformance data of CEL, held against the profile: each case agrees, or differs for a reason that it
 * shows. What differs is listed in exclusions.json, how much agrees in docs/figures and on the page about expressions;
 * `npm exec -- vitest run --project unit packages/schema/test/cel -u` writes all three anew.
 */
const root = new URL('../../../../', import.meta.url)
const pageFile = new URL('docs/06-expressions.md', root).pathname
const figureFile = new URL('docs/figures/expressions/cel-conformance.json', root).pathname
const exclusionsFile = new URL('exclusions.json', import.meta.url).pathname

const judged = celCases.map((celCase) => {
  const agreed = agrees(celCase, outcomeOf(celCase))
  return { celCase, agreed, reason: agreed ? undefined : reasonOf(celCase, agrees) }
})
const files = [...new Set(celCases.map(({ file }) => file))]

describe('every case agrees, or shows a difference of the profile', () => {
  test.for(files)('%s', (file) => {
    const open = judged.filter(
      ({ celCase, agreed, reason }) => celCase.file === file && !agreed && reason === undefined,
    )
    expect(open).toEqual([])
  })

  test('no two have one name', () => {
    expect(new Set(celCases.map(({ name }) => name)).size).toBe(celCases.length)
  })

  test('no reason is without a case', () => {
    expect(Object.keys(reasons).filter((name) => casesOf(name).length === 0)).toEqual([])
  })
})

describe('what does not agree', () => {
  test('is listed in exclusions.json by its reason, and nothing else is', async () => {
    const excluded = Object.keys(reasons).map((name) => [
      name,
      Object.fromEntries(casesOf(name).map(({ celCase }) => [celCase.name, celCase.text])),
    ])
    await expect(textOf(Object.fromEntries(excluded))).toMatchFileSnapshot(exclusionsFile)
  })

  test('would not be taken for a difference where there is none', () => {
    const faults: readonly Outcome[] = [
      { kind: 'value', value: ['a fault'] },
      { kind: 'failure', code: 'EXPRESSION_TYPE', message: 'a fault' },
      { kind: 'mistake', message: 'a fault' },
    ]
    const hidden = judged.flatMap(({ celCase, agreed }) => {
      const wrong = agreed ? faults.filter((fault) => !agrees(celCase, fault)) : []
      return wrong.flatMap((fault) => Object.keys(reasons).filter((name) => reasons[name]?.shows(celCase, fault)))
    })
    expect(hidden).toEqual([])
  })
})

describe('how much agrees', () => {
  const counts = (file: string): { readonly agreed: number; readonly all: number } => {
    const all = judged.filter(({ celCase }) => celCase.file === file)
    return { agreed: all.filter(({ agreed }) => agreed).length, all: all.length }
  }
  const byFile = files.map((file) => [file, counts(file)] as const)
  const figure = {
    suite: `@bufbuild/cel-spec ${versionOf('@bufbuild/cel-spec')}`,
    agreed: judged.filter(({ agreed }) => agreed).length,
    agreedWithoutDyn: casesOf('dyn').length,
    all: judged.length,
    files: Object.fromEntries(byFile),
  }

  test('is in docs/figures', async () => {
    process.stdout.write(`CEL conformance: ${figure.agreed} of ${figure.all} cases run and agree\n`)
    for (const [file, { agreed, all }] of byFile) process.stdout.write(`  ${file}: ${agreed} of ${all}\n`)
    await expect(textOf(figure)).toMatchFileSnapshot(figureFile)
  })

  test('and why the rest does not, is on the page about expressions', async () => {
    const page = readFileSync(pageFile, 'utf8')
    const [before, , after] = page.split(/(?<=<!-- cel -->\n)([^]*)(?=<!-- \/cel -->)/)
    const sum =
      `Of the ${count(figure.all)} cases of ${figure.suite}, ${count(figure.agreed)} agree, and ` +
      `${count(figure.agreedWithoutDyn)} more once \`dyn()\` is taken away.`
    const whys = Object.entries(reasons).map(
      ([name, { cel, here }]) => `| ${cel} | ${here} | ${casesOf(name).length} |`,
    )
    const all = byFile.map(([file, { agreed, all }]) => `| ${file} | ${agreed} of ${all} |`)
    const differences = ['| CEL | here | cases |', '| --- | --- | --: |', ...whys]
    const agreements = ['| file of the suite | agree |', '| --- | --: |', ...all]
    const text = [[sum], differences, agreements].map((table) => `\n${table.join('\n')}\n`).join('')
    await expect(`${before}${text}\n${after}`).toMatchFileSnapshot(pageFile)
  })
})

function casesOf(name: string): typeof judged {
  return judged.filter(({ reason }) => reason === name)
}

function textOf(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

function versionOf(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('packages/schema/package.json', root), 'utf8'))
  return (manifest as { readonly devDependencies: Readonly<Record<string, string>> }).devDependencies[name] ?? ''
}
