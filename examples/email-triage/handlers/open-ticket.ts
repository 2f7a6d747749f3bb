import { mkdir, open, readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HandlerDefinition } from 'segno'
import { z } from 'zod'
import { codedError, isSystemError } from './coded-error.ts'
import { Mail } from './contract.ts'
import { writeWhole } from './write-whole.ts'

const Input = z.strictObject({ folder: z.string(), mail: Mail, reasons: z.array(z.string()) })
const Output = z.strictObject({ number: z.int(), path: z.string() })

/**
 * Opens a ticket below `root`: `tickets/<number>-<slug>.md`. The ticket bears the attempt's
 * idempotency key, so that an attempt after a crash finds the ticket of the one
 * before. One at a time: while another one is being opened it fails with
 * `TICKET_STORE_BUSY`, which a retry mends.
 */
export function openTicket(root: string): HandlerDefinition<z.infer<typeof Input>, z.infer<typeof Output>> {
  return {
    input: Input,
    output: Output,
    async perform({ idempotencyKey }, { folder, mail, reasons }) {
      const tickets = join(root, folder, 'tickets')
      await mkdir(tickets, { recursive: true })
      return await locked(tickets, async () => {
        const names = (await readdir(tickets)).filter((name) => ticketName.test(name)).toSorted()
        const keyLine = `key: ${idempotencyKey}`
        const name = (await holderOf(keyLine, tickets, names)) ?? `${nextNumber(names)}-${slug(mail.subject)}.md`
        if (!names.includes(name)) await writeWhole(join(tickets, name), ticketText(mail, reasons, keyLine))
        return { number: Number.parseInt(name, 10), path: `tickets/${name}` }
      })
    },
  }
}

const ticketName = /^\d{4,}-.*\.md$/

async function locked<T>(tickets: string, action: () => Promise<T>): Promise<T> {
  const lock = join(tickets, '.lock')
  try {
    // Created or refused by the file system in one step: of two callers exactly one gets it.
    await (await open(lock, 'wx')).close()
  } catch (cause) {
    if (!isSystemError(cause, 'EEXIST')) throw cause
    const message = `Another ticket is being opened. If that never ends, its program has died: delete ${lock}`
    throw codedError('TICKET_STORE_BUSY', message, { retryable: true })
  }
  try {
    return await action()
  } finally {
    await rm(lock)
  }
}

async function holderOf(keyLine: string, tickets: string, names: readonly string[]): Promise<string | undefined> {
  for (const name of names) {
    const text = await readFile(join(tickets, name), 'utf8')
    if (text.split('\n', 2)[1] === keyLine) return name
  }
  return undefined
}

function nextNumber(names: readonly string[]): string {
  const last = Math.max(0, ...names.map((name) => Number.parseInt(name, 10)))
  return String(last + 1).padStart(4, '0')
}

function slug(subject: string): string {
  const ascii = subject
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
  return ascii.replace(/^-+|-+$/g, '') || 'no-subject'
}

function ticketText(mail: Mail, reasons: readonly string[], keyLine: string): string {
  const { file, from, subject, date, text, attachments } = mail
  const head = ['---', keyLine, `mail: ${file}`, `from: ${from.name} <${from.address}>`, `date: ${date ?? 'unknown'}`]
  const why = reasons.map((reason) => `reason: ${reason}`)
  const attached = attachments.map(({ name, mediaType, bytes }) => `attachment: ${name} (${mediaType}, ${bytes} bytes)`)
  return [...head, ...why, ...attached, '---', '', `# ${subject || '(no subject)'}`, '', text, ''].join('\n')
}
