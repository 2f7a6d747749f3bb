#!/usr/bin/env node
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

// Before anything else is loaded: an older Node would stop at syntax or modules that it does not know, and not say why.
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`segno-language-server needs Node.js 22.18 or newer; this is ${process.version}\n`)
  process.exit(2)
}

const [option = '', file] = process.argv.slice(2)
switch (option) {
  case '--stdio': {
    const { serve } = await import('./server/serve.ts')
    serve()
    break
  }
  case '--tell-handlers': {
    const { tellHandlers } = await import('./server/tell-handlers.ts')
    await tellHandlers(file ?? '')
    break
  }
  case '--version': {
    const { version } = await import('./server/version.ts')
    process.stdout.write(`${version}\n`)
    break
  }
  default:
    process.stderr.write(
      'usage: segno-language-server --stdio\n\nAn editor starts it, and talks to it over its stdin and stdout.\n',
    )
    process.exitCode = 2
}

export {}
