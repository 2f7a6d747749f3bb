import { z } from 'zod'

/** What the workflow knows of a mail: small enough to be kept in a journal. */
export const Mail = z.strictObject({
  /** The name of its file, without the folder. */
  file: z.string(),
  messageId: z.string().nullable(),
  from: z.strictObject({ name: z.string(), address: z.string() }),
  /** Where an answer goes. */
  replyTo: z.string(),
  subject: z.string(),
  date: z.string().nullable(),
  isReply: z.boolean(),
  /** Whether it was sent to a list of people. */
  isBulk: z.boolean(),
  /** Without what it quotes; cut off after 4,000 characters. */
  text: z.string(),
  attachments: z.array(z.strictObject({ name: z.string(), mediaType: z.string(), bytes: z.int() })),
})
export type Mail = z.infer<typeof Mail>

/** What the rules say about a mail, and why. */
export const Verdict = z.strictObject({
  decision: z.enum(['ticket', 'reply', 'spam', 'review']),
  confidence: z.number().min(0).max(1),
  reasons: z.array(z.string()),
})
export type Verdict = z.infer<typeof Verdict>

/** Where a mail ended up. */
export const Filing = z.strictObject({
  mail: z.string(),
  filedAs: z.enum(['ticket', 'reply', 'spam', 'review']),
  /** Relative to the folder of the run; null for spam, which leaves nothing. */
  path: z.string().nullable(),
  reasons: z.array(z.string()),
})
export type Filing = z.infer<typeof Filing>
