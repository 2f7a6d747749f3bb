import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { folderOf, loadNamed } from '../load-named.ts'
import { eventsOf, play, workDone } from '../play.ts'

const linear = loadNamed('linear')

let workspace: string
beforeEach(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'linear-'))
  await cp(folderOf('linear'), workspace, { recursive: true })
})
afterEach(() => rm(workspace, { recursive: true }))

test('five programs work one after the other, each on what the ones before gave', async () => {
  const { output, events } = await play(linear, { workspace })
  expect(workDone(events)).toEqual(['headings', 'words', 'longest', 'report', 'digest'])
  expect(output).toMatchObject({ report: 'out/run_1.md', words: 86, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
  const text = await readFile(join(workspace, 'out/run_1.md'), 'utf8')
  expect(text).toContain('\n86 words in 3 parts: Tides, Why, Springs and neaps.\n\n> The moon pulls at the water on')
  expect(output).toMatchObject({ text })
})

test('a text is text, whatever stands in it', async () => {
  await writeFile(join(workspace, 'text/odd.md'), '# $(rm -rf /) `id` "quoted"\n\nOne. Two; $HOME three.\n')
  await play(linear, { workspace, input: { text: 'text/odd.md' } })
  const report = await readFile(join(workspace, 'out/run_1.md'), 'utf8')
  expect(report).toContain('in 1 parts: $(rm -rf /) `id` "quoted".\n\n> Two; $HOME three.\n')
})

test('the first that fails ends it, and says how its process ended', async () => {
  await writeFile(join(workspace, 'scripts/longest-sentence.mjs'), 'console.error("out of words"); process.exit(7)')
  const { failure, events } = await play(linear, { workspace })
  expect(failure).toMatchObject({ code: 'EXIT_CODE', details: { exitCode: 7, stderrTail: 'out of words' } })
  expect(eventsOf(events, 'step.failed')).toMatchObject([{ path: 'longest' }])
  expect(workDone(events)).toEqual(['headings', 'words'])
})

test('what a program prints is what its schema says, or the step fails', async () => {
  await writeFile(join(workspace, 'text/empty.md'), '')
  const { failure } = await play(linear, { workspace, input: { text: 'text/empty.md' } })
  expect(failure).toMatchObject({ code: 'OUTPUT_INVALID', details: { exitCode: 0 } })
})

test('a text that is not there is refused before anything runs', async () => {
  await expect(play(linear, { workspace, input: { text: 'text/none.md' } })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  })
})
