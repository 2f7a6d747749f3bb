/**
 * Reports the public API: one page per door with every export and its type, as TypeScript declares it. The pages are
 * committed, so that a change of the API is seen in review. With `--check` nothing is written: it fails when a page
 * differs from what the sources say.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import ts from 'typescript'

interface Door {
  /** As a host imports it: `@segno/core/testing`. */
  readonly name: string
  readonly source: string
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly '@segno/source': string }>>
}

const folder = 'docs/api-report'
const packages = ['schema', 'core', 'adapters', 'language-server', 'cli']

await main(process.argv.includes('--check'))

async function main(checking: boolean): Promise<void> {
  const pages = await report(packages.flatMap(doorsOf))
  const present = new Map(presentPages().map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  if (checking) {
    const stale = [...new Set([...pages.keys(), ...present.keys()])].filter(
      (file) => pages.get(file) !== present.get(file),
    )
    for (const file of stale) console.error(difference(file, present.get(file) ?? '', pages.get(file) ?? ''))
    if (stale.length > 0) {
      console.error(
        'The public API differs from its report. If that is meant, run `npm run api` and commit the result.',
      )
      process.exitCode = 1
    }
    return
  }
  mkdirSync(folder, { recursive: true })
  for (const file of present.keys()) if (!pages.has(file)) rmSync(join(folder, file))
  for (const [file, text] of pages) writeFileSync(join(folder, file), text)
}

function doorsOf(room: string): Door[] {
  const manifest = JSON.parse(readFileSync(`packages/${room}/package.json`, 'utf8')) as Manifest
  return Object.entries(manifest.exports)
    .flatMap(([path, target]) => {
      // A door that is a file of data, such as a JSON Schema, exports no code.
      if (typeof target === 'string') return []
      return [{ name: manifest.name + path.slice(1), source: join('packages', room, target['@segno/source']) }]
    })
    .sort((a, b) => depth(b) - depth(a) || compare(a.name, b.name))
}

// An inner door comes before the root door that may export it again, so that each declaration is printed where a host
// with the narrowest need finds it.
function depth(door: Door): number {
  return door.name.split('/').length
}

function presentPages(): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.md')) : []
}

async function report(doors: readonly Door[]): Promise<Map<string, string>> {
  const program = ts.createProgram(
    doors.map((door) => door.source),
    options(),
  )
  const declared = declarations(program)
  const style = await resolveConfig(import.meta.filename)
  const printedIn = new Map<ts.Symbol, string>()
  const pages = new Map<string, string>()
  for (const door of doors) {
    const { own, again } = exportsOf(program, door, printedIn)
    const lines = own.map(({ name, symbol }) => declared(name, symbol))
    for (const { symbol } of own) printedIn.set(symbol, door.name)
    const text = page(door, lines, again)
    pages.set(fileOf(door), await format(text, { ...style, parser: 'markdown' }))
  }
  return pages
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile('tsconfig.build.json', (file) => ts.sys.readFile(file))
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, '.')
  return { ...parsed.options, noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true }
}

/** A name that a door exports, and what it stands for once every alias is resolved. */
interface Export {
  readonly name: string
  readonly symbol: ts.Symbol
}

function exportsOf(
  program: ts.Program,
  door: Door,
  printedIn: ReadonlyMap<ts.Symbol, string>,
): { own: Export[]; again: Map<string, string[]> } {
  const checker = program.getTypeChecker()
  const file = program.getSourceFile(door.source)
  const module = file && checker.getSymbolAtLocation(file)
  if (!module) throw new Error(`${door.source} is not a module.`)
  const own: Export[] = []
  const again = new Map<string, string[]>()
  for (const exported of checker.getExportsOfModule(module).sort((a, b) => compare(a.name, b.name))) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
    const from = printedIn.get(symbol)
    if (from === undefined) own.push({ name: exported.name, symbol })
    else again.set(from, [...(again.get(from) ?? []), exported.name])
  }
  return { own, again }
}

/** How a symbol is declared, taken from the declaration file that TypeScript would write for its module. */
function declarations(program: ts.Program): (name: string, symbol: ts.Symbol) => string {
  const files = new Map<string, ts.SourceFile>()
  const declarationFile = (source: ts.SourceFile): ts.SourceFile => {
    const known = files.get(source.fileName)
    if (known) return known
    let text = source.text
    if (!source.isDeclarationFile) program.emit(source, (_, emitted) => (text = emitted), undefined, true)
    const file = ts.createSourceFile(source.fileName, text, ts.ScriptTarget.Latest, true)
    files.set(source.fileName, file)
    return file
  }
  return (name, symbol) => {
    const origins = new Set(symbol.declarations?.map((declaration) => declaration.getSourceFile()))
    const statements = [...origins].flatMap((origin) =>
      declarationFile(origin).statements.filter((statement) => declares(statement, symbol.name)),
    )
    if (statements.length === 0) throw new Error(`No declaration of ${name} was found.`)
    const text = statements.map((statement) => statement.getText().replace(/^export (declare )?/, '')).join('\n')
    return name === symbol.name ? text : `// exported as ${name}\n${text}`
  }
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((declaration) => declaration.name.getText() === name)
  }
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  return named && statement.name?.text === name
}

function page(door: Door, declared: readonly string[], again: ReadonlyMap<string, readonly string[]>): string {
  const parts = [`# \`${door.name}\`\n`]
  if (declared.length > 0) parts.push(`\`\`\`ts\n${declared.join('\n\n')}\n\`\`\`\n`)
  for (const [from, names] of again) {
    parts.push(`Exported again from \`${from}\`:\n\n${names.map((name) => `- \`${name}\``).join('\n')}\n`)
  }
  return parts.join('\n')
}

function fileOf(door: Door): string {
  return `${door.name.replace('@segno/', '').replaceAll('/', '.')}.md`
}

function difference(file: string, before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const gone = old.filter((line) => !fresh.includes(line)).map((line) => `- ${line}`)
  const come = fresh.filter((line) => !old.includes(line)).map((line) => `+ ${line}`)
  return [`${folder}/${file}`, ...gone, ...come, ''].join('\n')
}

// By code unit: the order does not depend on the machine's language.
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
