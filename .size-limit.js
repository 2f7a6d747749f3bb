import { resolve } from 'node:path'

// What a browser needs to run a checked plan has no parser: the engine imports `@segno/schema/load` only when it is
// handed a definition that has to be checked, and `@segno/schema/bundle` to read an exported run. A page that imports neither
// has no part of them, so they stay outside of the first figures.
const checkerStaysOutside = {
  name: 'checker-stays-outside',
  setup(build) {
    build.onResolve({ filter: /^@segno\/schema\/(load|bundle)$/ }, ({ path }) => ({ path, external: true }))
  },
}

// As bundlers do it for a page: what is imported when it is first needed is in files of its own. Counted is what the page
// loads at once, also where it is there for those files only.
const laterStaysApart = {
  name: 'later-stays-apart',
  setup(build) {
    const [entry] = build.initialOptions.entryPoints
    build.onEnd(({ metafile: { outputs } }) => {
      const atOnce = new Set()
      const load = (file) => {
        if (!(file in outputs) || atOnce.has(file)) return
        atOnce.add(file)
        for (const { path, kind } of outputs[file].imports) if (kind === 'import-statement') load(path)
      }
      load(Object.keys(outputs).find((file) => resolve(outputs[file].entryPoint ?? '') === resolve(entry)))
      for (const file of Object.keys(outputs)) if (!atOnce.has(file)) delete outputs[file]
    })
  },
}

const asAPage =
  (...plugins) =>
  (config) => ({
    ...config,
    format: 'esm',
    splitting: true,
    plugins: [...(config.plugins ?? []), laterStaysApart, ...plugins],
  })

export default [
  {
    name: 'run a checked plan: core',
    path: 'packages/core/dist/index.js',
    import: {
      'packages/core/dist/index.js': '{ createEngine, memoryStorage, definePlugin, secretMasker, systemClock }',
    },
    gzip: true,
    limit: '100 kB',
    modifyEsbuildConfig: asAPage(checkerStaysOutside),
  },
  {
    name: 'all of core, with the builder',
    path: 'packages/core/dist/index.js',
    import: { 'packages/core/dist/index.js': '*' },
    gzip: true,
    limit: '117 kB',
    modifyEsbuildConfig: asAPage(checkerStaysOutside),
  },
  {
    name: 'parse, check and run: core and schema',
    path: 'packages/schema/dist/index.js',
    import: {
      'packages/core/dist/index.js': '{ createEngine }',
      'packages/schema/dist/index.js': '{ loadWorkflow, formatDiagnostics }',
    },
    gzip: true,
    // The aim is 160 kB. Above the first figure stand the checker with its types (41 kB), the YAML parser (32 kB), which
    // cannot be had without what writes YAML, the reading of documents with its diagnostics (24 kB), and of `zod/mini`,
    // with its English messages, what is used (10 kB).
    limit: '210 kB',
    modifyEsbuildConfig: asAPage(),
  },
  {
    name: 'what editors show, for a browser: language-server and schema',
    path: 'packages/language-server/dist/index.js',
    import: { 'packages/language-server/dist/index.js': '*' },
    gzip: true,
    limit: '167 kB',
    modifyEsbuildConfig: asAPage(),
  },
]
