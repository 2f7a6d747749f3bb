import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { bundled } from './bundled.ts'
import { installedChromium, valueInChromium } from './chromium.ts'
import { longRun, page, pageOutcome } from './page.ts'

const chromium = installedChromium()
if (chromium === undefined) process.stdout.write('not run: a page in a browser: no Chromium is in the PATH\n')

const folder = mkdtempSync(join(tmpdir(), 'segno-page-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.skipIf(chromium === undefined)('a page in Chromium, where no code may be made from text', () => {
  test('loads core and schema, and runs a workflow to its end', async () => {
    expect(await outcomeInPage(page, 'workflow')).toBe(JSON.stringify(pageOutcome))
  }, 120_000)

  test('has its turns beside a run that never waits', async () => {
    const { status, turns } = (await outcomeInPage(longRun, 'turns')) as { status: string; turns: number }

    expect(status).toBe('completed')
    expect(turns).toBeGreaterThan(4)
  }, 120_000)
})

async function outcomeInPage(script: string, name: string): Promise<unknown> {
  const bundle = await bundled(`export * from '@segno/core'; export * as schema from '@segno/schema'`)
  writeFileSync(join(folder, `${name}.js`), `${bundle};\nvar outcome = ${script}`)
  const html = join(folder, `${name}.html`)
  writeFileSync(
    html,
    `<!doctype html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src file:">
<title>${name}</title><script src="${name}.js"></script>`,
  )
  return valueInChromium(chromium ?? '', pathToFileURL(html).href, 'outcome')
}
