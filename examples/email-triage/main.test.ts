import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nodeFiles } from '@segno/adapters/files'
import { createEngine, loadWorkflow, type Engine, type EngineOptions, type RunResult, type Workflow } from 'segno'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handlersIn } from './handlers.ts'
import { classify } from './handlers/classify.ts'
import { emailTriage } from './workflow.ts'

const inbox = join(import.meta.dirname, 'inbox')
const yaml = await readFile(join(import.meta.dirname, 'email-triage.segno.yaml'), 'utf8')

const filedAs = {
  ticket: [
    'broken-kettle.eml',
    'checkout-error.eml',
    'monitoring-alert.eml',
    're-login-problem.eml',
    'refund-for-the-set.eml',
  ],
  reply: ['address-change.eml', 'invoice-copy.eml', 'opening-hours.eml', 'thank-you.eml'],
  spam: ['coffee-club-newsletter.eml', 'lottery-winner.eml'],
  review: ['empty-body.eml', 'panne-de-cafetiere.eml', 'partnership-offer.eml', 'scan0042.eml', 'truncated-upload.eml'],
}

const ticketSlugs = [
  'checkout-fails-with-error-502',
  'kettle-arrived-broken-order-48113',
  'outage-https-shop-brightkettle-example-checkout',
  're-1043-login-problem',
  'refund-for-the-tea-set',
]

// Runs read and write below this folder.
let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'email-triage-'))
  await cp(inbox, join(root, 'inbox'), { recursive: true })
})
afterEach(() => rm(root, { recursive: true }))

type Handlers = NonNullable<EngineOptions['handlers']>

function engineIn(folder: string, changed: Handlers = {}): Engine {
  return createEngine({ handlers: { ...handlersIn(folder), ...changed }, files: nodeFiles({ root: folder }) })
}

function yamlWorkflow(): Workflow {
  const { workflow, diagnostics } = loadWorkflow(yaml, { handlers: Object.keys(handlersIn(root)) })
  expect(diagnostics).toEqual([])
  if (workflow === undefined) throw new Error('the YAML gives no workflow')
  return workflow
}

async function namesIn(...folder: string[]): Promise<string[]> {
  return (await readdir(join(root, 'out', ...folder))).toSorted()
}

/** Tickets are numbered as they come: which mail gets which number is open. */
function withoutNumbers(names: readonly string[]): string[] {
  return names.map((name) => name.replace(/^(tickets\/)?\d{4}-/, '').replace(/\.md$/, '')).toSorted()
}

function completed(result: RunResult): Record<string, unknown> {
  if (result.status !== 'completed') throw new Error(JSON.stringify(result))
  return { ...result.output }
}

/** Which mail was filed as what, by the journal. */
async function filings(engine: Engine, runId: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for await (const event of engine.run(runId).events()) {
    if (event.type !== 'iteration.completed') continue
    const { mail, filedAs: as } = event.output as { mail: string; filedAs: string }
    ;(found[as] ??= []).push(mail)
  }
  for (const mails of Object.values(found)) mails.sort()
  return found
}

describe('the workflow in YAML and its twin in code', () => {
  test('have one hash', async () => {
    await using engine = engineIn(root)
    const run = await engine.start(emailTriage)
    await run.result()
    expect((await run.row()).plan).toBe(yamlWorkflow().hash)
  })

  test.for([
    ['YAML', yamlWorkflow],
    ['code', () => emailTriage],
  ] as const)('file each mail of the inbox where it belongs (%s)', async ([, workflow]) => {
    await using engine = engineIn(root)
    const run = await engine.start(workflow(), {}, { id: 'run_1' })
    const { tickets, replies, ...rest } = completed(await run.result())
    expect(await filings(engine, 'run_1')).toEqual(filedAs)
    expect(rest).toEqual({
      folder: 'out/run_1',
      mails: 16,
      spam: filedAs.spam,
      review: filedAs.review.map((mail) => `review/${mail}`),
      summary: 'summary.md',
    })
    expect(replies).toEqual(filedAs.reply.map((mail) => `replies/${mail.replace('.eml', '.txt')}`))
    expect(withoutNumbers(tickets as string[])).toEqual(ticketSlugs)
    expect(withoutNumbers(await namesIn('run_1', 'tickets'))).toEqual(ticketSlugs)
  })
})

describe('a run', () => {
  test('leaves a row of its summary for each mail, and nothing half written', async () => {
    await using engine = engineIn(root)
    await (await engine.start(emailTriage, {}, { id: 'run_1' })).result()
    const summary = await readFile(join(root, 'out', 'run_1', 'summary.md'), 'utf8')
    const mails = summary.split('\n').flatMap((line) => /^\| (\S+\.eml) \|/.exec(line)?.[1] ?? [])
    expect(mails).toEqual(Object.values(filedAs).flat().toSorted())
    const hidden = (await readdir(join(root, 'out', 'run_1'), { recursive: true })).filter((name) =>
      /(^|\/)\./.test(name),
    )
    expect(hidden).toEqual([])
  })

  test('puts broken mails aside as they are, with the reason beside them', async () => {
    await using engine = engineIn(root)
    await (await engine.start(emailTriage, {}, { id: 'run_1' })).result()
    const review = join(root, 'out', 'run_1', 'review')
    for (const [mail, reason] of [
      ['scan0042.eml', /^NOT_A_MESSAGE: scan0042\.eml has no sender/],
      ['truncated-upload.eml', /^MAIL_TRUNCATED: truncated-upload\.eml ends before/],
    ] as const) {
      expect(await readFile(join(review, mail))).toEqual(await readFile(join(inbox, mail)))
      expect(await readFile(join(review, `${mail}.reasons.txt`), 'utf8')).toMatch(reason)
    }
  })

  test('keeps the ticket of a sender that cannot be answered', async () => {
    await using engine = engineIn(root)
    const failed: string[] = []
    engine.on('step.failed', ({ path, failure }) => failed.push(`${path}: ${failure.code}`))
    await (await engine.start(emailTriage, {}, { id: 'run_1' })).result()
    expect(failed).toContain('mails[7]/triage/route/acknowledge: NO_REPLY_ADDRESS')
    expect(await namesIn('run_1', 'replies')).not.toContain('monitoring-alert.txt')
    expect(await namesIn('run_1', 'replies')).toContain('broken-kettle.txt')
  })

  test('comes back to a ticket store that is busy', async () => {
    const tickets = join(root, 'out', 'run_1', 'tickets')
    await mkdir(join(root, 'one'))
    await mkdir(tickets, { recursive: true })
    await cp(join(inbox, 'broken-kettle.eml'), join(root, 'one', 'one.eml'))
    await writeFile(join(tickets, '.lock'), '')
    await using engine = engineIn(root)
    const codes: string[] = []
    const freed = new Promise<void>((resolve) => {
      engine.on('attempt.failed', ({ failure }) => {
        codes.push(failure.code)
        if (codes.length === 2) resolve(rm(join(tickets, '.lock')))
      })
    })
    const run = await engine.start(emailTriage, { inbox: 'one' }, { id: 'run_1' })
    await freed
    expect(completed(await run.result())).toMatchObject({
      tickets: ['tickets/0001-kettle-arrived-broken-order-48113.md'],
    })
    expect(codes.slice(0, 2)).toEqual(['TICKET_STORE_BUSY', 'TICKET_STORE_BUSY'])
  })

  test('that is started again with its key opens no second ticket', async () => {
    await using engine = engineIn(root)
    const start = async () => engine.start(emailTriage, {}, { idempotencyKey: 'monday' })
    const first = await start()
    await first.result()
    const second = await start()
    expect(second.id).toBe(first.id)
    await second.result()
    expect(await namesIn()).toEqual([first.id])
    expect(await namesIn(first.id, 'tickets')).toHaveLength(5)
  })

  test('sends everything that is readable to review when it has to be certain', async () => {
    await using engine = engineIn(root)
    const run = await engine.start(emailTriage, { threshold: 1 })
    expect(completed(await run.result())).toMatchObject({ mails: 16, tickets: [], replies: [], spam: [] })
    expect(await filings(engine, run.id)).toEqual({ review: Object.values(filedAs).flat().toSorted() })
  })

  test('fails when a handler is broken, and says so in its summary', async () => {
    const broken = (): never => {
      throw new TypeError('rules is not iterable')
    }
    await using engine = engineIn(root, { classify: broken })
    const run = await engine.start(emailTriage, {}, { id: 'run_1' })
    expect(await run.result()).toMatchObject({
      status: 'failed',
      failure: { code: 'HANDLER_FAILED', message: 'rules is not iterable' },
    })
    expect(await readFile(join(root, 'out', 'run_1', 'summary.md'), 'utf8')).toContain('The run failed: HANDLER_FAILED')
  })

  test('fails when a handler gives what its contract forbids', async () => {
    const unsure = { ...classify, perform: () => ({ decision: 'perhaps' }) }
    await using engine = engineIn(root, { classify: unsure })
    const run = await engine.start(emailTriage)
    expect(await run.result()).toMatchObject({ status: 'failed', failure: { code: 'OUTPUT_INVALID' } })
  })

  test('does not start without an inbox, nor with one elsewhere', async () => {
    await using engine = engineIn(root)
    await expect(engine.start(emailTriage, { inbox: 'nowhere' })).rejects.toThrow('no file or folder "nowhere"')
    await expect(engine.start(emailTriage, { inbox })).rejects.toThrow('expected a relative path')
  })

  test('fails where the inbox is no folder, and names it', async () => {
    await writeFile(join(root, 'mailbox'), '')
    await using engine = engineIn(root)
    const run = await engine.start(emailTriage, { inbox: 'mailbox' })
    const failure = { code: 'INBOX_MISSING', message: 'There is no folder mailbox' }
    expect(await run.result()).toMatchObject({ status: 'failed', failure })
  })

  test('completes on an empty inbox', async () => {
    await mkdir(join(root, 'empty'))
    await using engine = engineIn(root)
    const run = await engine.start(emailTriage, { inbox: 'empty' })
    expect(completed(await run.result())).toMatchObject({ mails: 0, tickets: [], replies: [], review: [], spam: [] })
  })
})

describe('a program of its own', () => {
  const node = (...argv: string[]) =>
    promisify(execFile)(process.execPath, ['--conditions=@segno/source', ...argv], { cwd: import.meta.dirname })

  test('is the command, which takes the handlers from segno.config.ts', async () => {
    const command = join(import.meta.dirname, '../../packages/cli/src/main.ts')
    const argv = ['run', join(import.meta.dirname, 'email-triage.segno.yaml'), '--cwd', root, '-o', 'json']
    const { stdout } = await node(command, ...argv)
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed', output: { mails: 16, spam: filedAs.spam } })
  })

  test('is a host that embeds the engine', async () => {
    const { stdout } = await node('main.ts', root)
    expect(stdout).toMatch(/^mail 16: .*truncated-upload\.eml.*MAIL_TRUNCATED/m)
    expect(stdout).toContain('completed: 5 tickets, 4 replies, 5 to review, 2 spam')
  })
})
