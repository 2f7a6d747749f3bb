import type { EngineOptions } from 'segno'
import { classify } from './handlers/classify.ts'
import { draftReply } from './handlers/draft-reply.ts'
import { openTicket } from './handlers/open-ticket.ts'
import { parseEmail } from './handlers/parse-email.ts'
import { readInbox } from './handlers/read-inbox.ts'
import { sendToReview } from './handlers/send-to-review.ts'
import { writeSummary } from './handlers/write-summary.ts'

/** What the steps of the workflow call by name, whether it was written in YAML or in code. Paths lie below `root`. */
export function handlersIn(root: string): NonNullable<EngineOptions['handlers']> {
  return {
    readInbox: readInbox(root),
    parseEmail: parseEmail(root),
    classify,
    openTicket: openTicket(root),
    draftReply: draftReply(root),
    sendToReview: sendToReview(root),
    writeSummary: writeSummary(root),
  }
}
