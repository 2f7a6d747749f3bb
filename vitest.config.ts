import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// Tests run on the sources of every package: nothing has to be built before.
const conditions = ['@segno/source']

const simulation = 'packages/core/test/simulation/**/*.test.ts'
const torture = 'packages/*/test/torture/**/*.test.ts'

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    pool: 'threads',
    maxWorkers: availableParallelism(),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/{src,test}/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: [simulation, torture],
          // What hangs is found late; what is slow on a busy machine is not taken for it.
          testTimeout: 30_000,
        },
      },
      // Minutes, not seconds, when SEGNO_DEEP is set.
      { extends: true, test: { name: 'simulation', include: [simulation], testTimeout: 600_000 } },
      // Kills real processes: half a minute, or minutes when SEGNO_TORTURE is set.
      { extends: true, test: { name: 'torture', include: [torture], testTimeout: 1_800_000, hookTimeout: 120_000 } },
      {
        extends: true,
        test: { name: 'examples', include: ['examples/**/*.test.ts', 'bench/**/*.test.ts'], testTimeout: 60_000 },
      },
      // One project only: the type checker keeps its cache in node_modules/vitest/dist, and two of them would share it.
      {
        extends: true,
        test: {
          name: 'types',
          include: [],
          // Errors outside of type tests are told by `npm run check`, all of them and in their place.
          typecheck: {
            enabled: true,
            only: true,
            include: ['packages/*/{src,test}/**/*.test-d.ts'],
            ignoreSourceErrors: true,
          },
        },
      },
    ],
  },
})
