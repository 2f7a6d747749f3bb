import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Plugin } from 'esbuild'

/** Writes the licenses of all packages whose code is a part of what is built into `file`, as each of them asks for. */
export function thirdPartyLicenses(file: string): Plugin {
  return {
    name: 'third-party-licenses',
    setup(build) {
      build.initialOptions.metafile = true
      build.onEnd(({ metafile }) => {
        const folders = new Set(Object.keys(metafile?.inputs ?? {}).flatMap((input) => folderOf(input) ?? []))
        if (folders.size === 0) return
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(
          file,
          [...folders]
            .sort()
            .map(licenseOf)
            .join(`\n${'-'.repeat(80)}\n\n`),
        )
      })
    },
  }
}

function folderOf(input: string): string | undefined {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0]
}

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly author?: string | { readonly name: string }
}

function licenseOf(folder: string): string {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (file !== undefined) return `${name} ${version}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  // Some say it in their manifest only.
  if (license === undefined) throw new Error(`${name} is bundled, and ${folder} has no license`)
  return `${name} ${version}\n\n${license}, by ${typeof author === 'object' ? author.name : (author ?? 'its authors')}\n`
}
