import type { Graph, GraphCluster } from '../graph.ts'
import { indexGraph } from '../graph-index.ts'
import type { PictureOptions } from '../picture-words.ts'
import { arrangeBranches } from './arrange-branches.ts'
import { arrangeList } from './arrange-list.ts'
import { arrangeParallel } from './arrange-parallel.ts'
import { arrangeStates } from './arrange-states.ts'
import { arrangeTry } from './arrange-try.ts'
import type { Arrangement } from './arrangement.ts'
import { moved, type Block } from './block.ts'
import { headOf, nodeSize, sidePad } from './measure.ts'

/**
 * Where everything of a graph goes. The language is structured, and so is the
 * picture: a list stands on an axis, branches beside each other, states below
 * each other; each block is laid out by itself and then is a box in the next.
 */
export function layOut(graph: Graph, { status }: PictureOptions): Block {
  const index = indexGraph(graph)
  const arrangement: Arrangement = { index, status, block }
  return arrangeList(arrangement, '', graph.items)

  function block(id: string): Block {
    const node = index.nodes.get(id)
    if (node !== undefined) {
      const size = nodeSize(node, status?.items.get(id))
      return { ...size, boxes: [{ id, x: 0, y: 0, ...size }], routes: [] }
    }
    const cluster = index.clusters.get(id)
    return cluster === undefined ? nothing : framed(arrangement, cluster)
  }
}

const nothing: Block = { width: 0, height: 0, boxes: [], routes: [] }

function framed(arrangement: Arrangement, cluster: GraphCluster): Block {
  const { id, items } = cluster
  const head = headOf(cluster, arrangement.status?.items.get(id))
  const inside = arrangerOf(cluster)(arrangement, id, items)
  const width = Math.max(head.width, inside.width) + 2 * sidePad
  const height = head.height + inside.height + sidePad
  const { boxes, routes } = moved(inside, { x: (width - inside.width) / 2, y: head.height })
  return { width, height, boxes: [{ id, x: 0, y: 0, width, height }, ...boxes], routes }
}

type Arranger = (arrangement: Arrangement, cluster: string, ids: readonly string[]) => Block

function arrangerOf({ kind }: GraphCluster): Arranger {
  switch (kind) {
    case 'if':
    case 'match':
      return arrangeBranches
    case 'parallel':
      return arrangeParallel
    case 'try':
      return arrangeTry
    case 'states':
      return arrangeStates
    default:
      return arrangeList
  }
}
