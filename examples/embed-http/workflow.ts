import type { Definition } from 'segno'

/** An expense waits for somebody's decision, for as long as the one who asks has patience; approved, it is booked. */
export const expenseApproval = {
  segno: 1,
  name: 'expense-approval',
  input: {
    purpose: { type: 'string', minLength: 1, maxLength: 200 },
    amount: { type: 'number', exclusiveMinimum: 0 },
    patience: { type: 'string', pattern: '^[0-9]+(ms|s|m|h|d)$', default: '7d' },
  },
  output: {
    outcome: { enum: ['booked', 'declined', 'expired'], value: '${{ steps.approval.output.outcome }}' },
    booking: { type: ['integer', 'null'], value: '${{ steps.approval.output.booking }}' },
  },
  steps: [
    {
      id: 'approval',
      try: [
        {
          id: 'decision',
          waitFor: {
            signal: 'decision',
            schema: {
              type: 'object',
              required: ['approved', 'by'],
              properties: { approved: { type: 'boolean' }, by: { type: 'string', minLength: 1 } },
              additionalProperties: false,
            },
          },
          timeout: '${{ input.patience }}',
        },
        {
          id: 'follow',
          match: 'steps.decision.output.approved',
          cases: {
            true: [
              {
                id: 'book',
                uses: 'bookExpense',
                with: {
                  purpose: '${{ input.purpose }}',
                  amount: '${{ input.amount }}',
                  approvedBy: '${{ steps.decision.output.by }}',
                },
              },
              { id: 'booked', set: { outcome: 'booked', booking: '${{ steps.book.output.number }}' } },
            ],
            false: [{ id: 'declined', set: { outcome: 'declined', booking: null } }],
          },
        },
      ],
      catch: [{ on: ['TIMEOUT'], do: [{ id: 'expired', set: { outcome: 'expired', booking: null } }] }],
    },
  ],
} as const satisfies Definition
