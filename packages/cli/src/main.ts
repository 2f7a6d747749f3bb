#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

// Before anything else is loaded: an older Node would stop at syntax or modules that it does not know, and not say why.
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `segno needs Node.js 22.18 or newer; this is ${process.version}. Install one from https://nodejs.org\n`,
  )
  process.exit(2)
}

const { main } = await import('./program.ts')
const { exitWith } = await import('./exit.ts')
await exitWith(main(process.argv.slice(2)))

export {}
