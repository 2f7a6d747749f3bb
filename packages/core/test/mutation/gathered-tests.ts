import { format } from 'node:util'

/** A test as the runner of mutants calls it. */
export interface GatheredTest {
  /** Its file and its names, outermost first. */
  readonly id: string
  run(): unknown
}

type Body = (...given: unknown[]) => unknown

/**
 * Gathers what a test file declares, by the few words of vitest that the tests of
 * the kernel use. Vitest itself takes a second to begin; a mutant is judged in
 * some milliseconds, and there are thousands of them.
 */
export class GatheredTests {
  readonly tests: GatheredTest[] = []
  readonly #names: string[] = []
  readonly #known = new Map<string, number>()

  /** Gathers the tests that `load` declares, as those of `file`. */
  gather(file: string, load: () => void): void {
    this.#within(file, load)
  }

  /** What the module `vitest` is for the files that are gathered. */
  readonly words = {
    describe: Object.assign((name: string, ...rest: unknown[]): void => this.#describe(name, rest, []), {
      for:
        <Case>(cases: Iterable<Case>) =>
        (name: string, ...rest: unknown[]): void => {
          for (const given of cases) this.#describe(titleOf(name, given), rest, [given])
        },
    }),
    test: Object.assign((name: string, ...rest: unknown[]): void => this.#add(name, () => bodyOf(rest)(context)), {
      for:
        <Case>(cases: Iterable<Case>) =>
        (name: string, ...rest: unknown[]): void => {
          const body = bodyOf(rest)
          for (const given of cases) this.#add(titleOf(name, given), () => body(given, context))
        },
    }),
  }

  #describe(name: string, rest: readonly unknown[], given: readonly unknown[]): void {
    const body = bodyOf(rest)
    this.#within(name, () => void body(...given))
  }

  #within(name: string, declare: () => void): void {
    this.#names.push(name)
    declare()
    this.#names.pop()
  }

  #add(name: string, run: Body): void {
    const title = [...this.#names, name].join(' > ')
    const before = this.#known.get(title) ?? 0
    this.#known.set(title, before + 1)
    this.tests.push({ id: before === 0 ? title : `${title} (${before + 1})`, run })
  }
}

function bodyOf(rest: readonly unknown[]): Body {
  const body = rest.find((one) => typeof one === 'function')
  if (body === undefined) throw new TypeError('a test has no body')
  return body as Body
}

function titleOf(name: string, given: unknown): string {
  if (name.includes('$')) {
    return name.replaceAll(/\$([a-z]+)/gi, (_, field: string) => String((given as Record<string, unknown>)[field]))
  }
  const values: unknown[] = Array.isArray(given) ? given : [given]
  return format(name, ...values.slice(0, name.split('%').length - 1))
}

// What a test notes beside its result is of no use here.
const context = { annotate: () => undefined }
