// A host in a process of its own: runs the one command of its arguments and tells how much memory that took.
import { nodeShell } from './node-shell.ts'
import { contextOf, evidenceIn } from './shell.fixture.ts'

const [workspace = '', runId = '', script = ''] = process.argv.slice(2)
const shell = nodeShell({ workspace, evidence: evidenceIn(workspace) })
const context = contextOf({ runId })

await shell.run({ program: { argv: ['true'] }, env: {} }, { ...context, path: 'first' })
const before = process.resourceUsage().maxRSS
await shell.run({ program: { script, shell: 'sh' }, env: {} }, context)
process.stdout.write(JSON.stringify({ grownKiB: process.resourceUsage().maxRSS - before }))
