import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** Where messages and publications go. */
export interface Press {
  readonly tell: (person: string, text: string) => void
  /** Published pages, by their URL. */
  readonly pages: Map<string, string>
}

const onScreen: Press = { tell: (person, text) => console.log(`to ${person}: ${text}`), pages: new Map() }

/** Handlers over a press: one that prints, unless given. */
export function handlers(press: Press = onScreen): Handlers {
  return {
    notify: (_context, { to, text }: { to: string[]; text: string }) => {
      for (const person of to) press.tell(person, text)
    },
    // The URL is made of the key: publishing once more after a crash gives the same page.
    publish: ({ idempotencyKey }: HandlerContext, { document, text }: { document: string; text: string }) => {
      const url = `https://press.example/${encodeURIComponent(document)}/${idempotencyKey.slice(-8)}`
      press.pages.set(url, text)
      return { url }
    },
    unpublish: (_context, { url }: { url: string }) => {
      press.pages.delete(url)
    },
  }
}
