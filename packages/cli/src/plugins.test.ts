import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from 'vitest'
import { segno, writeFiles } from './process.fixture.ts'

const core = JSON.stringify(fileURLToPath(import.meta.resolve('@segno/core')))
const root = mkdtempSync(join(tmpdir(), 'segno-plugins-'))
afterAll(() => rmSync(root, { recursive: true }))

const mail = `
  import { definePlugin } from ${core}
  const plugin = (name, version) => definePlugin({ name, version, handlers: { 'mail.send': (_, { to }) => 'to ' + to } })
  export const mail = plugin('@acme/mail', '1.2.0')
  export const post = plugin('@acme/post', '2.0.0')
`

writeFiles(root, {
  'mail.mjs': mail,
  'good/segno.config.mjs': "import { mail } from '../mail.mjs'\nexport default { plugins: [mail] }\n",
  'twice/segno.config.mjs': "import { mail, post } from '../mail.mjs'\nexport default { plugins: [mail, post] }\n",
  'own/segno.config.mjs':
    "import { mail } from '../mail.mjs'\nexport default { plugins: [mail], handlers: { 'mail.send': () => 'x' } }\n",
  'later/segno.config.mjs':
    "export default { plugins: [{ segno: 2, name: '@acme/next', version: '9.0.0', handlers: { a: () => 1 } }] }\n",
  'name/segno.config.mjs': "export default { plugins: ['@acme/mail'] }\n",
})
for (const folder of ['good', 'twice', 'own', 'later', 'name']) {
  writeFiles(join(root, folder), {
    'hello.segno.yaml': `
segno: 1
name: hello
output: { sent: { type: string, value: "\${{ steps.send.output }}" } }
steps: [{ id: send, uses: mail.send, with: { to: Ada } }]
`,
    'slip.segno.yaml': 'segno: 1\nname: slip\nsteps: [{ id: send, uses: mail.sent }]\n',
  })
}

describe.concurrent('the plugins of a configuration', { timeout: 60_000 }, () => {
  test('bring handlers that steps call by name', async ({ expect }) => {
    const cwd = join(root, 'good')
    const { code, stdout } = await segno('run hello.segno.yaml', { cwd })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'sent: to Ada\n' })
    const slip = await segno('validate slip.segno.yaml', { cwd })
    expect(slip.code).toBe(3)
    expect(slip.stdout).toContain('did you mean "mail.send"?')
  })

  test.for<readonly [what: string, folder: string, says: string]>([
    [
      'a handler that two of them bring',
      'twice',
      'error[PLUGIN_CONFLICT] The handler "mail.send" comes from @acme/mail 1.2.0 and from @acme/post 2.0.0\n',
    ],
    [
      'a handler that one of them and the configuration bring',
      'own',
      `error[PLUGIN_CONFLICT] The handler "mail.send" comes from the host's own handlers and from @acme/mail 1.2.0\n`,
    ],
    [
      'one that was made for a later engine',
      'later',
      'error[CONFIG_INVALID] segno.config.mjs has plugins that no engine takes: The plugin @acme/next keeps version 2',
    ],
    ['a name in place of one', 'name', 'no engine takes: `plugins[0]` is a string; expected what definePlugin({'],
  ])('are refused with %s, before anything starts', async ([, folder, says], { expect }) => {
    const cwd = join(root, folder)
    for (const words of ['run hello.segno.yaml', 'validate hello.segno.yaml']) {
      const { code, stdout, stderr } = await segno(words, { cwd })
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(says)
    }
    expect((await segno('runs', { cwd })).stdout).toBe('')
  })
})
