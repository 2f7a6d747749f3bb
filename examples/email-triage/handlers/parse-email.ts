import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime, { type Email, type Mailbox } from 'postal-mime'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { codedError } from './coded-error.ts'
import { Mail } from './contract.ts'

const Input = z.strictObject({ folder: z.string(), file: z.string() })
const bytesMax = 10 * 1024 * 1024
const textMax = 4000

/**
 * Reads one mail below `root`. Fails with `MAIL_TOO_LARGE`, `MAIL_UNREADABLE`,
 * `NOT_A_MESSAGE` or `MAIL_TRUNCATED`: the same file gives the same failure, so
 * none of them is retried.
 */
export function parseEmail(root: string): HandlerDefinition<z.infer<typeof Input>, Mail> {
  return {
    input: Input,
    output: Mail,
    async perform(_context, { folder, file }) {
      const path = join(root, folder, file)
      const { size } = await stat(path)
      if (size > bytesMax) throw codedError('MAIL_TOO_LARGE', `${file} has ${size} bytes; at most ${bytesMax} are read`)
      const raw = await readFile(path)
      const email = await parse(raw, file)
      const { from } = email
      if (!from?.address)
        throw codedError('NOT_A_MESSAGE', `${file} has no sender: it is not a mail, or its head is damaged`)
      if (isTruncated(email, raw)) throw codedError('MAIL_TRUNCATED', `${file} ends before its last part does`)
      return mailOf(file, email, from)
    },
  }
}

async function parse(raw: Uint8Array, file: string): Promise<Email> {
  try {
    return await PostalMime.parse(raw)
  } catch (cause) {
    throw codedError('MAIL_UNREADABLE', `${file} cannot be read as a mail`, { cause })
  }
}

// The parser takes what it can get. RFC 2046 section 5.1 ends a multipart with its boundary between dashes.
function isTruncated(email: Email, raw: Buffer): boolean {
  const type = header(email, 'content-type')
  const [, quoted, bare] = /^multipart\/.*;\s*boundary=(?:"([^"]+)"|([^\s;]+))/is.exec(type) ?? []
  const boundary = quoted ?? bare
  return boundary !== undefined && !raw.includes(`\n--${boundary}--`, 0, 'latin1')
}

function mailOf(file: string, email: Email, from: Mailbox): Mail {
  const [replyTo] = email.replyTo ?? []
  const text = email.text ?? wordsOf(email.html ?? '')
  return {
    file,
    messageId: email.messageId ?? null,
    from: { name: from.name, address: from.address },
    replyTo: replyTo?.address ?? from.address,
    subject: email.subject ?? '',
    date: email.date ?? null,
    isReply: email.inReplyTo !== undefined,
    isBulk: header(email, 'list-unsubscribe') !== '' || header(email, 'precedence') === 'bulk',
    text: withoutQuotes(text).slice(0, textMax),
    attachments: email.attachments.map(({ filename, mimeType, content }) => ({
      name: filename ?? 'unnamed',
      mediaType: mimeType,
      bytes: typeof content === 'string' ? content.length : content.byteLength,
    })),
  }
}

function header(email: Email, key: string): string {
  return email.headers.find((line) => line.key === key)?.value ?? ''
}

// Enough to find words in, in linear time. It is never shown as a page.
function wordsOf(html: string): string {
  const [first = '', ...pieces] = html.split('<')
  const words = [first]
  let isHidden = false
  for (const piece of pieces) {
    const name = /^\/?\w*/.exec(piece)?.[0].toLowerCase()
    if (name === 'script' || name === 'style') isHidden = true
    if (name === '/script' || name === '/style') isHidden = false
    const end = piece.indexOf('>')
    if (!isHidden && end >= 0) words.push(piece.slice(end + 1))
  }
  return words
    .join(' ')
    .replace(/&#?\w+;/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

function withoutQuotes(text: string): string {
  const own = text.split('\n').filter((line) => !line.startsWith('>') && !/^On .* wrote:$/.test(line.trim()))
  return own.join('\n').trim()
}
