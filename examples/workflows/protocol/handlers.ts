import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

interface Work {
  readonly parts: readonly string[]
  readonly findings: readonly string[]
  readonly draft: readonly string[]
}

interface Change {
  readonly change: number
}

/**
 * Scripts stand in for agents and a repository. The work has a part for each `and` of its task; it begins with one, and
 * each round mends what was found first. Words in capitals are bad style. `log` gets what becomes of changes.
 */
export function handlers(log: string[] = []): Handlers {
  const changes = new Map<string, number>()
  return {
    'agent.plan': (_context: HandlerContext, { task }: { readonly task: string }) => ({ parts: task.split(' and ') }),
    'agent.work': (_context: HandlerContext, { parts, findings, draft }: Work) => ({
      draft: findings.length === 0 ? parts.slice(0, 1) : mended(draft, findings),
    }),
    'checks.lint': (_context: HandlerContext, { draft }: Pick<Work, 'draft'>) => ({
      findings: draft.filter((part) => /[A-Z]{2}/.test(part)).map((part) => `loud: ${part}`),
    }),
    'checks.review': (_context: HandlerContext, { parts, draft }: Omit<Work, 'findings'>) => ({
      findings: parts.filter((part) => !draft.includes(part)).map((part) => `missing: ${part}`),
    }),
    'repository.propose': ({ idempotencyKey }: HandlerContext) => {
      const change = changes.get(idempotencyKey) ?? changes.size + 1
      changes.set(idempotencyKey, change)
      return { change }
    },
    'repository.merge': (_context: HandlerContext, { change }: Change) => void log.push(`merged ${change}`),
    'repository.close': (_context: HandlerContext, { change }: Change) => void log.push(`closed ${change}`),
  }
}

function mended(draft: readonly string[], [finding = '']: readonly string[]): readonly string[] {
  const [kind, part = ''] = finding.split(': ')
  return kind === 'loud' ? draft.map((one) => (one === part ? one.toLowerCase() : one)) : [...draft, part]
}
