// What a browser needs to run a checked plan has no parser: the engine imports `@segno/schema/load` only when it is
// handed a definition that has to be checked, and `@segno/schema` to read an exported run. esbuild would inline those
// imports, so they stay outside of the first figures.
const checkerStaysOutside = {
  name: 'checker-stays-outside',
  setup(build) {
    build.onResolve({ filter: /^@segno\/schema(\/load)?$/ }, ({ path }) => ({ path, external: true }))
  },
}

export default [
  {
    name: 'run a checked plan: core',
    path: 'packages/core/dist/index.js',
    import: {
      'packages/core/dist/index.js': '{ createEngine, memoryStorage, definePlugin, secretMasker, systemClock }',
    },
    gzip: true,
    limit: '106 kB',
    modifyEsbuildConfig: (config) => ({ ...config, plugins: [...(config.plugins ?? []), checkerStaysOutside] }),
  },
  {
    name: 'all of core, with the builder',
    path: 'packages/core/dist/index.js',
    import: { 'packages/core/dist/index.js': '*' },
    gzip: true,
    limit: '122 kB',
    modifyEsbuildConfig: (config) => ({ ...config, plugins: [...(config.plugins ?? []), checkerStaysOutside] }),
  },
  {
    name: 'parse, check and run: core and schema',
    path: 'packages/schema/dist/index.js',
    import: {
      'packages/core/dist/index.js': '{ createEngine }',
      'packages/schema/dist/index.js': '{ loadWorkflow, formatDiagnostics }',
    },
    gzip: true,
    // The aim is 160 kB. Above the first figure stand the checker with its types (42 kB), the YAML parser (33 kB), which
    // cannot be had without what writes YAML, the reading of documents with its diagnostics (23 kB), and of `zod/mini`,
    // with its English messages, what is used (10 kB).
    limit: '216 kB',
  },
  {
    name: 'what editors show, for a browser: language-server and schema',
    path: 'packages/language-server/dist/index.js',
    import: { 'packages/language-server/dist/index.js': '*' },
    gzip: true,
    limit: '167 kB',
  },
]
