import type { Graph } from '../graph.ts'
import { indexGraph } from '../graph-index.ts'
import { outlineOf, titleOf, type PictureOptions } from '../picture-words.ts'
import { drawItem, drawRoute, drawLine, type Drawing } from './draw.ts'
import { layOut } from './lay-out.ts'
import { look } from './look.ts'
import { lineOf } from './measure.ts'
import { emptyTag, escapeXml, startTag } from './xml.ts'

const margin = 20
const titleHeight = 36
const titleMax = 600

/**
 * A graph as one SVG document: no scripts, nothing from elsewhere, colours for a
 * light and for a dark ground. Its description tells the same in words.
 */
export function toSvg(graph: Graph, options: PictureOptions = {}): string {
  const drawing: Drawing = { index: indexGraph(graph), status: options.status }
  const { clusters, nodes } = drawing.index
  const block = layOut(graph, options)
  const title = lineOf([{ text: titleOf(graph, options), role: 'title' }], titleMax)
  const width = Math.ceil(Math.max(block.width, title.width)) + 2 * margin
  const height = Math.ceil(block.height) + titleHeight + 2 * margin
  const [titleId, descriptionId] = [`segno-${graph.name}-title`, `segno-${graph.name}-description`]
  return [
    startTag('svg', {
      ...{ xmlns: 'http://www.w3.org/2000/svg', class: 'segno-graph', role: 'img' },
      'aria-labelledby': titleId,
      'aria-describedby': descriptionId,
      ...{ width, height, viewBox: `0 0 ${width} ${height}` },
    }),
    `${startTag('title', { id: titleId })}${escapeXml(titleOf(graph, options))}</title>`,
    `${startTag('desc', { id: descriptionId })}${escapeXml(outlineOf(graph, drawing.index, options))}</desc>`,
    `<style>${look}</style>`,
    emptyTag('rect', { class: 'sg-ground', width, height }),
    drawLine(title, { x: margin, y: margin + 8 }),
    startTag('g', { transform: `translate(${Math.round((width - block.width) / 2)} ${margin + titleHeight})` }),
    // What is inside lies above what is around it.
    ...block.boxes.filter(({ id }) => clusters.has(id)).map((box) => drawItem(drawing, box)),
    ...block.routes.map(drawRoute),
    ...block.boxes.filter(({ id }) => nodes.has(id)).map((box) => drawItem(drawing, box)),
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}
