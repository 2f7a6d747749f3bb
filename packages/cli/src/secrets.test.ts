import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { segno, writeFiles } from './process.fixture.ts'

const cwd = mkdtempSync(join(tmpdir(), 'segno-secrets-'))
afterAll(() => rmSync(cwd, { recursive: true }))

writeFiles(cwd, {
  'segno.config.mjs': `
    export default {
      handlers: {
        greet: (_, { name }) => ({ text: 'Hello ' + name }),
        blurt: async ({ secrets }) => { console.log('my name is ' + (await secrets.get('NAME'))) },
      },
    }`,
  'processes.segno.yaml': `
segno: 1
name: processes
secrets: [NAME]
output: { greeting: { type: string, value: "\${{ steps.greet.output.text }}" } }
steps:
  - { id: name, exec: [printf, '%s', Ada], output: { from: stdout } }
  - { id: greet, uses: greet, with: { name: "\${{ steps.name.output }}" } }
  - { id: keep, run: 'echo "my $NAME"', secrets: [NAME], output: { from: stdout } }
  - { id: blurt, uses: blurt, secrets: [NAME] }
`,
})

test(
  'runs processes and handlers, with secrets of the environment that nobody gets to see',
  { timeout: 60_000 },
  async () => {
    const env = { NAME: 'a-secret-name' }
    const { code, stdout, stderr } = await segno('run processes.segno.yaml', { cwd, env })
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'greeting: Hello Ada\n' })
    const [step, logs] = await Promise.all([segno('show @last keep', { cwd, env }), segno('logs @last keep', { cwd })])
    expect(logs.stdout).toBe('my ***\n')
    expect(step.stdout).toContain('"my ***"')
    expect(stderr + step.stdout).not.toContain('a-secret-name')
    expect(stderr).toContain('my name is ***\n')
    const without = await segno('run processes.segno.yaml', { cwd })
    expect(without.code).toBe(2)
    expect(without.stderr).toMatch(/^error\[SECRET_MISSING\] .*NAME\n {2}set an environment variable/)
  },
)
