import { leadingVerbs, type StepKind } from '@segno/schema/editor'
import type { TextNode, TextTree } from './text-tree.ts'

/** A step as it is written, whether it is right or not. */
export interface WrittenStep {
  readonly node: TextNode
  /** Where its id stands; none where it has none that is text. */
  readonly id?: TextNode
  readonly verb?: StepKind
  /** The steps inside of it, in the order of the text. */
  readonly inside: readonly WrittenStep[]
  /** The block that holds it. */
  readonly owner?: TextNode
}

/** The steps of a text, blocks before what is inside them. */
export function stepsIn(tree: TextTree): WrittenStep[] {
  return ['/steps', '/finally'].flatMap((pointer) => listedIn(tree.at(pointer), undefined))
}

/** Steps and those inside of them. */
export function* everyStep(steps: readonly WrittenStep[]): Generator<WrittenStep> {
  for (const step of steps) {
    yield step
    yield* everyStep(step.inside)
  }
}

function listedIn(list: TextNode | undefined, owner: TextNode | undefined): WrittenStep[] {
  return list?.kind === 'list' ? list.children.flatMap((node) => stepAt(node, owner)) : []
}

function stepAt(node: TextNode, owner: TextNode | undefined): WrittenStep[] {
  if (node.kind !== 'map') return []
  const id = childOf(node, 'id')
  const verb = verbIn(node)
  return [
    {
      node,
      ...(typeof id?.value === 'string' && { id }),
      ...(verb && { verb }),
      ...(owner && { owner }),
      inside: node.children.flatMap((child) => insideOf(child, node)),
    },
  ]
}

function insideOf(child: TextNode, step: TextNode): WrittenStep[] {
  switch (child.key?.text) {
    case 'do':
    case 'else':
    case 'default':
    case 'parallel':
    case 'try':
    case 'finally':
      return listedIn(child, step)
    case 'cases':
      return child.children.flatMap((list) => listedIn(list, step))
    case 'catch':
    case 'states':
      return child.children.flatMap((inner) => listedIn(childOf(inner, 'do'), step))
    case 'undo':
      return stepAt(child, step)
    default:
      return []
  }
}

/** The value of a key in a map. */
export function childOf(node: TextNode | undefined, key: string): TextNode | undefined {
  return node?.children.find((child) => child.key?.text === key)
}

/** The verb among the keys of a step; `do` and `if` are one only where no other is there. */
export function verbIn(node: TextNode): StepKind | undefined {
  const keys = new Set(node.children.flatMap(({ key }) => key?.text ?? []))
  const leading = leadingVerbs.find((verb) => keys.has(verb))
  if (leading !== undefined || !keys.has('do')) return leading
  return keys.has('if') ? 'if' : 'do'
}
