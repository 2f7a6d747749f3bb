import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contextOf } from './context.fixture.ts'
import type { Mail } from './contract.ts'
import { parseEmail } from './parse-email.ts'

const inbox = join(import.meta.dirname, '..', 'inbox')

async function parsed(file: string, folder = inbox): Promise<Mail> {
  return parseEmail(folder).perform(contextOf('key'), { folder: '.', file })
}

describe('a mail is read', () => {
  test.for<[string, string, Partial<Mail>]>([
    [
      'in plain text',
      'address-change.eml',
      { subject: 'New delivery address', replyTo: 'ines.moreau@postbox.example', isReply: false, isBulk: false },
    ],
    ['with an answer going elsewhere', 'checkout-error.eml', { replyTo: 'orders@raman.example' }],
    [
      'with RFC 2047 words in Latin-1',
      'invoice-copy.eml',
      {
        from: { name: 'Jürgen Groß', address: 'j.gross@werkhof.example' },
        subject: 'Copy of an invoice for Café Münster',
      },
    ],
    [
      'with RFC 2047 words in base64, over two lines',
      'opening-hours.eml',
      {
        from: { name: '佐藤 花子', address: 'hanako.sato@sakura.example' },
        subject: '営業時間について / Opening hours of the shop',
      },
    ],
    [
      'with a head folded over many lines',
      'monitoring-alert.eml',
      {
        subject:
          'Outage: https://shop.brightkettle.example/checkout answers 502 for 10 minutes (3 of 3 regions: Frankfurt, Virginia, Singapore)',
      },
    ],
    ['as one of a list', 'coffee-club-newsletter.eml', { isBulk: true }],
    [
      'as a reply, without what it quotes',
      're-login-problem.eml',
      { isReply: true, text: 'I still cannot log in. The link in your mail says that it has expired.' },
    ],
    ['without a body', 'empty-body.eml', { subject: '', text: '', messageId: '<empty-0745@fjord.example>' }],
    [
      'with attachments in nested parts',
      'refund-for-the-set.eml',
      {
        attachments: [
          { name: 'logo.png', mediaType: 'image/png', bytes: 74 },
          { name: 'potwierdzenie nadania.pdf', mediaType: 'application/pdf', bytes: 125 },
        ],
      },
    ],
  ])('%s', async ([, file, expected]) => {
    expect(await parsed(file)).toMatchObject(expected)
  })

  test.for([
    ['Latin-1, quoted-printable', 'invoice-copy.eml', 'Café Münster, Große Straße 7, and came to £185.20'],
    ['Latin-1, 8 bit', 'thank-you.eml', 'Do you also ship to Zürich?'],
    ['UTF-8, quoted-printable', 'panne-de-cafetiere.eml', 'ne s’allume plus'],
    ['UTF-8, base64', 'opening-hours.eml', '12 people. 🍵'],
    ['UTF-8, 8 bit', 'refund-for-the-set.eml', '“potwierdzenie nadania”'],
    [
      'HTML alone, without its tags',
      'partnership-offer.eml',
      'who looks after your invoices ? We have a limited offer',
    ],
    ['HTML alone, without its style', 'coffee-club-newsletter.eml', 'Five brews for dark mornings Our January picks'],
  ] as const)('from a body in %s', async ([, file, words]) => {
    expect((await parsed(file)).text.replace(/\s+/g, ' ')).toContain(words)
  })
})

describe('a mail is refused', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parse-email-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('that has no sender', async () => {
    await expect(parsed('scan0042.eml')).rejects.toMatchObject({ code: 'NOT_A_MESSAGE', retryable: false })
  })

  test('that ends in the middle of a part', async () => {
    await expect(parsed('truncated-upload.eml')).rejects.toMatchObject({ code: 'MAIL_TRUNCATED', retryable: false })
  })

  test('that is nested too deeply', async () => {
    const parts = Array.from(
      { length: 300 },
      (_, depth) => `Content-Type: multipart/mixed; boundary="b${depth}"\n\n--b${depth}\n`,
    )
    await writeFile(join(folder, 'deep.eml'), `From: a@b.example\n${parts.join('')}`)
    await expect(parsed('deep.eml', folder)).rejects.toMatchObject({ code: 'MAIL_UNREADABLE', retryable: false })
  })

  test('that is too large', async () => {
    await writeFile(join(folder, 'large.eml'), Buffer.alloc(10 * 1024 * 1024 + 1, 'a'))
    await expect(parsed('large.eml', folder)).rejects.toMatchObject({ code: 'MAIL_TOO_LARGE', retryable: false })
  })
})
