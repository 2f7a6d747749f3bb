import type { StepKind } from '../../definition.ts'
import type { GraphCluster, GraphNode } from '../graph.ts'
import { findItem, type GraphIndex } from '../graph-index.ts'
import type { ItemStatus, RunOverlay } from '../overlay.ts'
import { linesOf } from '../picture-words.ts'
import type { Box, Point, Route } from './block.ts'
import { verbFamilies } from './look.ts'
import { headOf, headPad, lineOf, nodeLines, sidePad, type Line } from './measure.ts'
import { arrow, curve, outline, polyline } from './shape.ts'
import { emptyTag, escapeXml, px, startTag } from './xml.ts'

/** What is drawn, and how a run stands. */
export interface Drawing {
  readonly index: GraphIndex
  readonly status: RunOverlay | undefined
}

type Anchor = 'start' | 'middle' | 'end'

/** Words around the height `y`. */
export function drawLine({ spans }: Line, { x, y }: Point, anchor: Anchor = 'start'): string {
  const size = spans.some(({ role }) => role === 'label' || role === 'title') ? 4.5 : 4
  const parts = spans.map(({ text, role }) => {
    const family = role === 'verb' ? ` sg-of-${verbFamilies[text as StepKind]}` : ''
    return `${startTag('tspan', { class: `sg-${role}${family}` })}${escapeXml(text)}</tspan>`
  })
  return `${startTag('text', { x, y: y + size, 'text-anchor': anchor === 'start' ? undefined : anchor })}${parts.join(' ')}</text>`
}

/** A node or a cluster in its box; of a cluster, what is around its inside. */
export function drawItem({ index, status }: Drawing, box: Box): string {
  const item = findItem(index, box.id)
  if (item === undefined) return ''
  const stands = status?.items.get(box.id)
  const classes = [
    'items' in item ? 'sg-cluster' : 'sg-node',
    `sg-${item.kind}`,
    ...(lists.has(item.kind) ? ['sg-list'] : []),
    ...(stands === undefined ? [] : [`sg-${stands.status}`]),
  ]
  return [
    startTag('g', { class: classes.join(' '), 'data-id': item.id, transform: `translate(${px(box.x)} ${px(box.y)})` }),
    `<title>${escapeXml(linesOf(item, stands).join('\n'))}</title>`,
    ...('items' in item || item.kind === 'state' ? frame(item, box, stands) : shape(item, box, stands)),
    '</g>',
  ].join('')
}

const lists: ReadonlySet<string> = new Set(['branch', 'body', 'clause', 'finally', 'state'])

function shape(node: GraphNode, box: Box, stands: ItemStatus | undefined): readonly string[] {
  const lines = nodeLines(node, stands)
  const top = (box.height - lines.reduce((sum, { height }) => sum + height, 0)) / 2
  return [
    emptyTag('path', { class: 'sg-shape', d: outline(node.kind, box) }),
    ...below(lines, top).map(({ line, y }) => drawLine(line, { x: box.width / 2, y }, 'middle')),
  ]
}

function frame(item: GraphNode | GraphCluster, box: Box, stands: ItemStatus | undefined): readonly string[] {
  const { width, height, exits = [] } = box
  const head = headOf(item, stands)
  const inner = { x: 3, y: 3, width: width - 6, height: height - 6, rx: 4, fill: 'none' }
  return [
    emptyTag('rect', { class: 'sg-frame', width, height, rx: 6 }),
    ...(item.final === true ? [emptyTag('rect', { class: 'sg-frame sg-inner', ...inner })] : []),
    ...below(head.lines, headPad).map(({ line, y }) => drawLine(line, { x: sidePad, y })),
    ...(head.status
      ? [drawLine(head.status, { x: width - sidePad, y: headPad + head.status.height / 2 + 1 }, 'end')]
      : []),
    ...exits.flatMap(({ line, side, y }) => {
      const isLeft = side === 'left'
      return [
        emptyTag('circle', { class: 'sg-arrow', cx: isLeft ? 0 : width, cy: y, r: 2.5 }),
        drawLine(line, { x: isLeft ? sidePad : width - sidePad, y }, isLeft ? 'start' : 'end'),
      ]
    }),
  ]
}

/** Each line with its middle. */
function below(lines: readonly Line[], top: number): readonly { readonly line: Line; readonly y: number }[] {
  let y = top
  return lines.map((line) => {
    y += line.height
    return { line, y: y - line.height / 2 }
  })
}

/** An edge with the head of its arrow, and its words. */
export function drawRoute({ from, to, kind, points, bends, label }: Route): string {
  const [before, tip] = [points.at(-2), points.at(-1)]
  if (before === undefined || tip === undefined) return ''
  // A line that bends arrives from the left.
  const direction = bends ? { x: tip.x - 1, y: tip.y } : before
  return [
    startTag('g', { class: `sg-edge sg-${kind}`, 'data-from': from, 'data-to': to }),
    emptyTag('path', { class: 'sg-line', d: bends ? curve(points) : polyline(points) }),
    emptyTag('path', { class: 'sg-arrow', d: arrow(tip, direction) }),
    ...(label ? [`<g class="sg-words">${drawLine(lineOf([{ text: label.text, role: 'detail' }]), label)}</g>`] : []),
    '</g>',
  ].join('')
}
