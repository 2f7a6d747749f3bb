import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { contextOf } from './context.fixture.ts'
import type { Mail } from './contract.ts'
import { openTicket } from './open-ticket.ts'

const mail: Mail = {
  file: 'one.eml',
  messageId: null,
  from: { name: 'Ada', address: 'ada@example.org' },
  replyTo: 'ada@example.org',
  subject: 'The kettle is broken',
  date: null,
  isReply: false,
  isBulk: false,
  text: 'It leaks.',
  attachments: [{ name: 'a.png', mediaType: 'image/png', bytes: 88 }],
}

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'open-ticket-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function opened(key: string, subject = mail.subject): Promise<unknown> {
  return openTicket(folder).perform(contextOf(key), {
    folder: '.',
    mail: { ...mail, subject },
    reasons: ['something is broken'],
  })
}

test('a ticket tells the mail and why it was opened', async () => {
  expect(await opened('a')).toEqual({ number: 1, path: 'tickets/0001-the-kettle-is-broken.md' })
  const text = await readFile(join(folder, 'tickets/0001-the-kettle-is-broken.md'), 'utf8')
  for (const part of ['mail: one.eml', 'reason: something is broken', 'a.png (image/png, 88 bytes)', 'It leaks.']) {
    expect(text).toContain(part)
  }
})

test('the same key gives the same ticket, another key the next one', async () => {
  const first = await opened('a')
  expect(await opened('b')).toEqual({ number: 2, path: 'tickets/0002-the-kettle-is-broken.md' })
  expect(await opened('a')).toEqual(first)
  expect(await readdir(join(folder, 'tickets'))).toHaveLength(2)
})

test('a subject without a letter of ASCII still gives a name', async () => {
  expect(await opened('a', '営業時間')).toEqual({ number: 1, path: 'tickets/0001-no-subject.md' })
})

test('a store that is locked is busy, which a retry mends', async () => {
  await mkdir(join(folder, 'tickets'))
  await writeFile(join(folder, 'tickets/.lock'), '')
  await expect(opened('a')).rejects.toMatchObject({ code: 'TICKET_STORE_BUSY', retryable: true })
  await rm(join(folder, 'tickets/.lock'))
  expect(await opened('a')).toMatchObject({ number: 1 })
})

test('of many at a time each gets its own number or is told to come back', async () => {
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map((key) => opened(key)))
  const done = outcomes.filter(({ status }) => status === 'fulfilled')
  expect(await readdir(join(folder, 'tickets'))).toHaveLength(done.length)
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'TICKET_STORE_BUSY' })
  }
})
