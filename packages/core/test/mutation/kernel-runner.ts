import fc from 'fast-check'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import { expect, expectTypeOf } from 'vitest'
import { bundleTests } from './bundle-tests.ts'
import { GatheredTests, type GatheredTest } from './gathered-tests.ts'

/** What instrumented code and its runner tell each other. */
interface Namespace {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: unknown
  hitCount?: number | undefined
  hitLimit?: number | undefined
}

interface MutantRun {
  readonly activeMutant: { readonly id: string }
  readonly testFilter?: readonly string[]
  readonly hitLimit?: number
  readonly mutantActivation: 'static' | 'runtime'
}

interface Ran {
  readonly id: string
  readonly name: string
  readonly fileName: string
  readonly timeSpentMs: number
  readonly status: 0 | 1
  readonly failureMessage: string
}

// The same property looks at the same runs for each mutant, and does not look for the smallest failing one.
fc.configureGlobal({ seed: 20_261_121, endOnFailure: true })

/**
 * Runs the tests of the kernel for Stryker, in its own process and without a test
 * runner around them.
 */
class KernelRunner {
  readonly #namespace: Namespace
  #load = (): GatheredTest[] => []
  #loaded: readonly GatheredTest[] | undefined
  /** Milliseconds, by test: the quick ones come first. */
  readonly #times = new Map<string, number>()

  constructor() {
    const known = globalThis as { __stryker__?: Namespace }
    known.__stryker__ ??= {}
    this.#namespace = known.__stryker__
  }

  capabilities(): { readonly reloadEnvironment: boolean } {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    const root = process.cwd()
    const script = new Script(`(function (require, module, exports) {${await bundleTests(root)}\n})`, {
      filename: join(root, 'tests.js'),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    const outside = createRequire(join(root, 'package.json'))
    this.#load = () => {
      const gathered = new GatheredTests()
      const exports: { files?: Readonly<Record<string, () => void>> } = {}
      const module = { exports }
      const inside = (name: string): unknown =>
        name === 'vitest' ? { ...gathered.words, expect, expectTypeOf } : outside(name)
      const evaluate = script.runInThisContext() as (...given: unknown[]) => void
      evaluate(inside, module, exports)
      for (const [file, load] of Object.entries(module.exports.files ?? {})) gathered.gather(file, load)
      return gathered.tests
    }
  }

  async dryRun(): Promise<unknown> {
    const namespace = this.#namespace
    namespace.activeMutant = undefined
    namespace.mutantCoverage = undefined
    const tests: Ran[] = []
    for (const test of this.#load()) {
      namespace.currentTestId = test.id
      const ran = await timed(test)
      namespace.currentTestId = undefined
      this.#times.set(test.id, ran.timeSpentMs)
      tests.push(ran)
    }
    return { status: 'complete', tests, mutantCoverage: namespace.mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }: MutantRun): Promise<unknown> {
    const namespace = this.#namespace
    namespace.hitCount = 0
    namespace.hitLimit = hitLimit
    namespace.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined
    let nrOfTests = 0
    try {
      // What a mutant does while files are loaded must not be there for the next one; to load them takes two seconds.
      const isStatic = mutantActivation === 'static'
      const tests = isStatic ? this.#load() : (this.#loaded ??= this.#load())
      namespace.activeMutant = activeMutant.id
      for (const test of this.#wanted(tests, testFilter)) {
        nrOfTests += 1
        const { status, failureMessage } = await timed(test)
        if (namespace.hitCount > (hitLimit ?? Number.POSITIVE_INFINITY))
          return { status: 'timeout', reason: 'hit limit' }
        if (status === 1) return { status: 'killed', failureMessage, killedBy: [test.id], nrOfTests }
      }
      return { status: 'survived', nrOfTests }
    } catch (error) {
      // A file that cannot even be loaded any more.
      return { status: 'killed', failureMessage: String(error), killedBy: [], nrOfTests }
    } finally {
      namespace.activeMutant = undefined
    }
  }

  async dispose(): Promise<void> {}

  #wanted(tests: readonly GatheredTest[], filter: readonly string[] | undefined): readonly GatheredTest[] {
    const names = new Set(filter)
    const wanted = filter === undefined ? tests : tests.filter(({ id }) => names.has(id))
    return wanted.toSorted((one, other) => this.#timeOf(one) - this.#timeOf(other))
  }

  // The process that judges a mutant may be another one than that of the dry run.
  #timeOf({ id }: GatheredTest): number {
    return this.#times.get(id) ?? Number(id.includes('test/kernel/'))
  }
}

async function timed({ id, run }: GatheredTest): Promise<Ran> {
  const start = performance.now()
  const [fileName = ''] = id.split(' > ')
  const told = { id, name: id, fileName }
  try {
    await run()
    return { ...told, timeSpentMs: performance.now() - start, status: 0, failureMessage: '' }
  } catch (error) {
    return { ...told, timeSpentMs: performance.now() - start, status: 1, failureMessage: String(error).slice(0, 300) }
  }
}

/** What Stryker finds here: the runner by its name. */
export const strykerPlugins: readonly unknown[] = [
  { kind: 'TestRunner', name: 'kernel', factory: Object.assign(() => new KernelRunner(), { inject: [] }) },
]
