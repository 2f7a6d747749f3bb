/**
 * What people know from other tools, told in Segno: each case of `cases/` is played on real engines, with real processes
 * and files, and all that comes of it is compared.
 */
import { describe, expect, test } from 'vitest'
import { playByCommand } from './command-play.ts'
import { millis, playOnEngine } from './engine-play.ts'
import { caseList, caseNames, readCase } from './golden-case.ts'
import { setStage } from './stage.ts'
import { toldBy } from './told.ts'

const cases = caseNames().map(readCase)

describe.for(cases)('$name: $title', { timeout: 60_000, concurrent: true }, (golden) => {
  test.for(golden.plays)('$title', async (play, { expect }) => {
    using stage = setStage(golden, play)
    const { commands, expect: expected } = play
    if (commands === undefined) {
      const { tookMs, ...outcome } = await playOnEngine(play, stage)
      expect(outcome).toEqual(toldBy(expected))
      if (expected.took !== undefined) expect(tookMs).toBe(millis(expected.took))
    } else {
      const { exits, outcome } = await playByCommand(play, stage)
      expect(exits).toEqual(commands.flatMap(({ segno, exit }) => (segno === undefined ? [] : [exit])))
      expect(outcome).toEqual(toldBy(expected))
    }
    for (const [path, text] of Object.entries(expected.files ?? {})) expect(stage.text(path) ?? null).toBe(text)
    expect(stage.leftovers(play)).toEqual([])
  })
})

test('the list of cases has each of them, with what people know it as', () => {
  const listed = [...caseList().matchAll(/^\| \[(.+)\]\((.+)\.yaml\) \| (.+) \|$/gm)].map(([, ...cells]) => cells)
  expect(listed).toEqual(cases.map(({ title, name, construct }) => [title, name, construct]))
})
