import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { allPages, root, type Block, type Page } from './page.ts'
import { printedBy } from './printed-by.ts'

const pages = allPages()

/** A program of a page, and what the page says that it prints. */
interface Program {
  readonly page: Page
  readonly block: Block
  readonly prints: string
}

const programs = pages.flatMap((page) =>
  page.blocks.flatMap((block, index): Program[] => {
    const next = page.blocks[index + 1]
    const isProgram = block.language === 'ts' && block.after.endsWith('prints:') && next?.language === 'text'
    return isProgram ? [{ page, block, prints: next.text }] : []
  }),
)

test('there are programs', () => {
  expect(programs.length).toBeGreaterThan(3)
})

describe('a program prints what its page says', () => {
  test.for(programs.map((program) => [`${program.page.path}:${program.block.line}`, program] as const))(
    '%s',
    { timeout: 30_000 },
    async ([, { page, block, prints }]) => {
      expect(await printedBy(page.blocks, block)).toBe(prints)
    },
  )
})

test('every TypeScript block is a module without type errors', { timeout: 60_000 }, () => {
  expect(typeErrors(pages)).toEqual([])
})

// What a fragment talks about without declaring it.
const known: Readonly<Record<string, string>> = {
  engine: `declare const engine: import('segno').Engine`,
  run: `declare const run: import('segno').RunHandle`,
  workflow: `declare const workflow: import('segno').Definition`,
  storage: `declare const storage: import('segno').Storage`,
  text: `declare const text: string`,
  handlers: `declare const handlers: NonNullable<import('segno').EngineOptions['handlers']>`,
}

function typeErrors(from: readonly Page[]): string[] {
  const files = new Map<string, string>(
    from.flatMap(({ path, blocks }) =>
      blocks
        .filter(({ language }) => language === 'ts')
        .map((block) => [`${root}packages/cli/test/docs/pages/${path}/${block.file}`, moduleOf(block)] as const),
    ),
  )
  const { config } = ts.readConfigFile(`${root}tsconfig.base.json`, ts.sys.readFile) as { config: object }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const host = ts.createCompilerHost({ ...options, types: ['node'] })
  const { fileExists, readFile, getSourceFile } = host
  host.directoryExists = (folder) =>
    [...files.keys()].some((file) => file.startsWith(folder)) || ts.sys.directoryExists(folder)
  host.fileExists = (file) => files.has(file) || fileExists(file)
  host.readFile = (file) => files.get(file) ?? readFile(file)
  host.getSourceFile = (file, version) => {
    const text = files.get(file)
    return text === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, text, version)
  }
  const program = ts.createProgram([...files.keys()], { ...options, types: ['node'] }, host)
  return [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file.split('/pages/')[1]}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`,
    )
  })
}

function moduleOf({ text }: Block): string {
  const missing = Object.entries(known).filter(
    ([name]) =>
      new RegExp(`\\b${name}\\b`).test(text) &&
      !new RegExp(`(const|using|import \\{.*|const \\{.*) ${name}\\b`).test(text),
  )
  return [text, ...missing.map(([, declaration]) => declaration), 'export {}'].join('\n')
}
