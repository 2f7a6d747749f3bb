import type { Handlers } from '../load-named.ts'

/** Who plans, and what a plan can be made of. */
export interface Newsroom {
  /** Any JSON: the workflow says what of it is a plan. */
  plan(goal: string): unknown
  fetch(source: string): string
  send(to: string, text: string): void
}

const demo: Newsroom = {
  plan: (goal) => [
    { id: 'weather', kind: 'fetch', after: [], args: { source: 'weather' } },
    { id: 'sports', kind: 'fetch', after: [], args: { source: 'sports' } },
    { id: 'letter', kind: 'combine', after: ['weather', 'sports'], args: { title: goal } },
    { id: 'out', kind: 'send', after: ['letter'], args: { to: 'readers' } },
  ],
  fetch: (source) => `all that is new of ${source}`,
  send: (to, text) => console.log(`to ${to}:\n${text}`),
}

/** Handlers over a newsroom: one that always plans the same letter, and prints it, unless given. */
export function handlers(newsroom: Newsroom = demo): Handlers {
  return {
    plan: (_context, { goal }: { goal: string }) => newsroom.plan(goal),
    fetch: (_context, { source }: { source: string }) => newsroom.fetch(source),
    combine: (_context, { title, parts }: { title: string; parts: string[] }) => [title, ...parts].join('\n'),
    send: (_context, { to, texts }: { to: string; texts: string[] }) => {
      newsroom.send(to, texts.join('\n'))
      return `sent to ${to}`
    },
  }
}
