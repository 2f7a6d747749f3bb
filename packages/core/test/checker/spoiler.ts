import type { Guard } from './outlook.ts'

/** Where a mistake is in a text: stripped before anybody reads it. */
const begin = '\u{e000}'
const end = '\u{e001}'

/** The text, with the place of a mistake around it. */
export function marked(text: string): string {
  return begin + text + end
}

/** A text without its marks, and what stood between them. */
export function unmarked(text: string): { readonly text: string; readonly start: number; readonly end: number } {
  const start = text.indexOf(begin)
  const stop = text.indexOf(end) - begin.length
  return { text: text.replaceAll(begin, '').replaceAll(end, ''), start, end: stop }
}

/** The kinds of mistakes that are put into definitions. */
export type Mistake = string

/** The mistake of a guard that is left out. */
export function unguarded({ kind, because }: Guard): Mistake {
  return kind === 'ran' && because !== undefined
    ? `a step read without a guard against ${because}`
    : `no guard: ${kind}`
}

/**
 * Puts one mistake into what is generated: at the `nth` place where it could be,
 * or nowhere. It draws nothing, so that the rest is what it would have been.
 */
export class Spoiler {
  /** How many places there were for each mistake. */
  readonly places = new Map<Mistake, number>()
  readonly #mistake: Mistake | undefined
  readonly #nth: number
  #muted = 0

  constructor(mistake?: Mistake, nth = 0) {
    this.#mistake = mistake
    this.#nth = nth
  }

  /** Whether the mistake is to be made here. */
  here(mistake: Mistake): boolean {
    if (this.#muted > 0) return false
    const before = this.places.get(mistake) ?? 0
    this.places.set(mistake, before + 1)
    return mistake === this.#mistake && before === this.#nth
  }

  /** Generates what stands in another file, or where nothing is checked: no mistake is made there. */
  muted<Made>(make: () => Made): Made {
    this.#muted++
    try {
      return make()
    } finally {
      this.#muted--
    }
  }
}
