import type { GraphCluster, GraphNode, NodeKind } from '../graph.ts'
import { wordsOf, type ItemWords } from '../picture-words.ts'
import type { ItemStatus } from '../overlay.ts'
import { fitText, textWidth, type Font } from './text-width.ts'

/** What the words of a picture are written in. */
export const fonts = {
  title: { size: 16, bold: true },
  label: { size: 13, bold: true },
  verb: { size: 11, bold: true },
  detail: { size: 11 },
  status: { size: 11, bold: true },
} as const satisfies Readonly<Record<string, Font>>

/** A part of a line that looks one way. */
export interface Span {
  readonly text: string
  readonly role: keyof typeof fonts
}

/** Words on one line. */
export interface Line {
  readonly spans: readonly Span[]
  readonly width: number
  readonly height: number
}

const textMax = 260
const statusMax = 320
const gap = 5

/** Parts beside each other, each cut so that it fits. */
export function lineOf(spans: readonly Span[], max: number = textMax): Line {
  const fitted = spans.map(({ text, role }) => ({ text: fitText(text, max, fonts[role]), role }))
  const widths = fitted.map(({ text, role }) => textWidth(text, fonts[role]))
  return {
    spans: fitted,
    width: widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, spans.length - 1),
    height: spans.some(({ role }) => role === 'label') ? 18 : 16,
  }
}

/** The lines of a node, from above. */
export function nodeLines(node: GraphNode, status: ItemStatus | undefined): readonly Line[] {
  const words = wordsOf(node, status)
  const does = phrase(words)
  return [
    lineOf([{ text: words.label, role: labelRole(node) }]),
    ...(does.length === 0 ? [] : [lineOf(does)]),
    ...(words.condition === undefined ? [] : [lineOf([{ text: words.condition, role: 'detail' }])]),
    ...(words.status === undefined ? [] : [lineOf([{ text: words.status, role: 'status' }], statusMax)]),
  ]
}

// What a place asks is an expression, and no name.
function labelRole({ kind }: GraphNode): Span['role'] {
  return kind === 'decision' || kind === 'loop' || kind === 'nothing' ? 'detail' : 'label'
}

function phrase({ verb, detail }: ItemWords): readonly Span[] {
  return [
    ...(verb === undefined ? [] : [{ text: verb, role: 'verb' } as const]),
    ...(detail === undefined ? [] : [{ text: detail, role: 'detail' } as const]),
  ]
}

/** The head of a cluster: its first line, how it stands at the right of it, and its condition below. */
export interface Head {
  readonly lines: readonly Line[]
  readonly status?: Line
  readonly width: number
  readonly height: number
}

const headMax = 420

/** Above the words of a head, and at the sides of a cluster. */
export const headPad = 7
export const sidePad = 14

export function headOf(cluster: GraphCluster | GraphNode, status: ItemStatus | undefined): Head {
  const words = wordsOf(cluster, status)
  const first = lineOf([{ text: words.label, role: 'label' }, ...phrase(words)], headMax)
  const lines = [
    first,
    ...(words.condition === undefined ? [] : [lineOf([{ text: words.condition, role: 'detail' }], headMax)]),
  ]
  const stands = words.status === undefined ? undefined : lineOf([{ text: words.status, role: 'status' }], headMax)
  return {
    lines,
    ...(stands && { status: stands }),
    width: Math.max(first.width + (stands === undefined ? 0 : 24 + stands.width), ...lines.map(({ width }) => width)),
    height: headPad + lines.reduce((sum, { height }) => sum + height, 0) + 6,
  }
}

/** How large a node is drawn. */
export function nodeSize(
  node: GraphNode,
  status: ItemStatus | undefined,
): { readonly width: number; readonly height: number } {
  const lines = nodeLines(node, status)
  const text = Math.max(...lines.map(({ width }) => width))
  const height = 16 + lines.reduce((sum, line) => sum + line.height, 0)
  return { width: Math.max(widthMin[node.kind] ?? 104, text + 2 * (12 + slant(node.kind))), height }
}

const widthMin: Readonly<Partial<Record<NodeKind, number>>> = { entry: 64, exit: 64, nothing: 64 }

/** How far the sides of a shape lean into its box. */
export function slant(kind: NodeKind): number {
  switch (kind) {
    case 'decision':
    case 'loop':
    case 'emit':
    case 'return':
    case 'fail':
      return 12
    case 'call':
    case 'start':
      return 6
    case 'sleep':
    case 'sleepUntil':
    case 'waitFor':
    case 'ask':
    case 'watch':
      return 8
    default:
      return 0
  }
}
