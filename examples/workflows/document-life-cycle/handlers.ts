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
    publish: (_context, { document, text }: { document: string; text: string }) => {
      const url = `https://press.example/${encodeURIComponent(document)}`
      press.pages.set(url, text)
      return { url }
    },
    unpublish: (_context, { url }: { url: string }) => {
      press.pages.delete(url)
    },
  }
}
