import type { Definition } from 'segno'

const folder = '${{ input.out }}/${{ run.id }}'
const file = '${{ file }}'
const mail = '${{ steps.mail.output }}'
const reasons = '${{ steps.verdict.output.reasons }}'
const brokenBecause = ['${{ error.code }}: ${{ error.message }}']
const paths = { type: 'array', items: { type: 'path' } } as const

/** The workflow of `email-triage.segno.yaml`, written in code: the same definition, and so the same hash. */
export const emailTriage = {
  segno: 1,
  name: 'email-triage',
  description: 'Sorts a folder of mails into tickets, drafts of replies, spam and a folder for review.',
  input: {
    inbox: { type: 'path', default: 'inbox', mustExist: true, description: 'The folder with the .eml files.' },
    out: { type: 'path', default: 'out', description: 'The folder in which each run makes its own.' },
    threshold: { type: 'number', default: 0.6, minimum: 0, maximum: 1, description: 'Below it a person decides.' },
  },
  output: {
    folder: { type: 'path', value: folder },
    mails: { type: 'integer', value: '${{ size(steps.mails.output) }}' },
    tickets: { ...paths, value: filed('ticket', 'path') },
    replies: { ...paths, value: filed('reply', 'path') },
    review: { ...paths, value: filed('review', 'path') },
    spam: { type: 'array', items: { type: 'string' }, value: filed('spam', 'mail') },
    summary: { type: 'path', value: '${{ steps.summary.output.path }}' },
  },
  steps: [
    { id: 'inbox', uses: 'readInbox', with: { folder: '${{ input.inbox }}' } },
    {
      id: 'mails',
      title: 'Each mail',
      forEach: { in: 'steps.inbox.output.files', as: 'file', concurrency: 4 },
      do: [
        {
          id: 'triage',
          try: [
            { id: 'mail', uses: 'parseEmail', with: { folder: '${{ input.inbox }}', file } },
            { id: 'verdict', uses: 'classify', with: { mail } },
            {
              id: 'route',
              match: 'steps.verdict.output.confidence < input.threshold ? "review" : steps.verdict.output.decision',
              cases: {
                ticket: [
                  {
                    id: 'ticket',
                    uses: 'openTicket',
                    with: { folder, mail, reasons },
                    // Tickets are opened one at a time. Whoever finds the store busy comes back a little later.
                    retry: { max: 10, delay: '20ms', maxDelay: '500ms', on: ['TICKET_STORE_BUSY'] },
                  },
                  {
                    id: 'acknowledge',
                    uses: 'draftReply',
                    with: {
                      folder,
                      mail,
                      text: 'Thank you. We look into it; the number of your ticket is ${{ steps.ticket.output.number }}.',
                    },
                    // A ticket counts, whether or not its sender can be told.
                    onFailure: 'continue',
                  },
                  {
                    id: 'ticketed',
                    set: { mail: file, filedAs: 'ticket', path: '${{ steps.ticket.output.path }}', reasons },
                  },
                ],
                reply: [
                  { id: 'draft', uses: 'draftReply', with: { folder, mail, text: 'Thank you for your question.' } },
                  {
                    id: 'drafted',
                    set: { mail: file, filedAs: 'reply', path: '${{ steps.draft.output.path }}', reasons },
                  },
                ],
                spam: [{ id: 'dropped', set: { mail: file, filedAs: 'spam', path: null, reasons } }],
                review: [
                  { id: 'undecided', uses: 'sendToReview', with: review(reasons) },
                  {
                    id: 'deferred',
                    set: { mail: file, filedAs: 'review', path: '${{ steps.undecided.output.path }}', reasons },
                  },
                ],
              },
            },
          ],
          catch: [
            // What is wrong with a mail is for a person to see. Anything else is a mistake of ours and fails the run.
            {
              on: ['MAIL_TOO_LARGE', 'MAIL_UNREADABLE', 'NOT_A_MESSAGE', 'MAIL_TRUNCATED', 'TICKET_STORE_BUSY'],
              do: [
                { id: 'broken', uses: 'sendToReview', with: review(brokenBecause) },
                {
                  id: 'setAside',
                  set: {
                    mail: file,
                    filedAs: 'review',
                    path: '${{ steps.broken.output.path }}',
                    reasons: brokenBecause,
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  ],
  finally: [
    {
      id: 'summary',
      uses: 'writeSummary',
      with: {
        folder,
        filings: '${{ has(steps.mails.output) ? steps.mails.output : [] }}',
        failure: '${{ error }}',
      },
    },
  ],
} as const satisfies Definition

function filed(as: string, field: 'path' | 'mail'): string {
  return `\${{ steps.mails.output.filter(m, m.filedAs == "${as}").map(m, m.${field}) }}`
}

function review(because: string | readonly string[]) {
  return { inbox: '${{ input.inbox }}', folder, file, reasons: because }
}
