import type { StepKind } from '../../definition.ts'
import type { ItemState } from '../overlay.ts'
import { darkStatusColors, isFaint, statusColors, type StatusColors } from '../status-colors.ts'
import { fonts } from './measure.ts'

/** Verbs that are alike have one colour. */
type VerbFamily = 'work' | 'pure' | 'wait' | 'other' | 'end' | 'block'

/** The family of each verb. */
export const verbFamilies: Readonly<Record<StepKind, VerbFamily>> = {
  ...{ uses: 'work', exec: 'work', run: 'work', agent: 'work', http: 'work', emit: 'work' },
  ...{ set: 'pure', assert: 'pure', call: 'other', start: 'other', return: 'end', fail: 'end' },
  ...{ sleep: 'wait', sleepUntil: 'wait', waitFor: 'wait', ask: 'wait', watch: 'wait' },
  ...{ do: 'block', if: 'block', match: 'block', parallel: 'block' },
  ...{ forEach: 'block', repeat: 'block', try: 'block', states: 'block' },
}

/** The colours of a picture on one ground. */
interface Palette {
  readonly ground: string
  readonly text: string
  readonly detail: string
  readonly line: string
  readonly failing: string
  readonly node: string
  readonly block: string
  readonly blockBorder: string
  readonly list: string
  readonly verbs: Readonly<Record<VerbFamily, string>>
  readonly statuses: Readonly<Record<Exclude<ItemState, 'pending'>, StatusColors>>
}

const light: Palette = {
  ...{ ground: '#ffffff', text: '#1f2328', detail: '#57606a', line: '#6e7781', failing: '#cf222e' },
  ...{ node: '#ffffff', block: '#f6f8fa', blockBorder: '#afb8c1', list: '#ffffff' },
  verbs: { work: '#0550ae', pure: '#57606a', wait: '#7d4e00', other: '#6639ba', end: '#a40e26', block: '#1b6468' },
  statuses: statusColors,
}

const dark: Palette = {
  ...{ ground: '#0d1117', text: '#f0f6fc', detail: '#a8b1bb', line: '#8b949e', failing: '#f85149' },
  ...{ node: '#161b22', block: '#151b23', blockBorder: '#3d444d', list: '#0d1117' },
  verbs: { work: '#79c0ff', pure: '#a8b1bb', wait: '#e3b341', other: '#d2a8ff', end: '#ffa198', block: '#76d1c8' },
  statuses: darkStatusColors,
}

const family = "ui-sans-serif,system-ui,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"

/**
 * The style of every picture. Its rules hold inside of one only, whatever page it
 * stands in. Colours are written out: not every viewer knows variables.
 */
export const look: string = rules([
  ['text', `font-family:${family}`],
  ...Object.entries(fonts).map(([role, font]) => {
    const weight = 'bold' in font ? ';font-weight:600' : ''
    return [`.sg-${role}`, `font-size:${font.size}px${weight}`] as const
  }),
  ['.sg-shape', 'stroke-width:1.2'],
  ['.sg-frame,.sg-line', 'stroke-width:1.3'],
  ['.sg-line', 'fill:none'],
  ['.sg-catch .sg-line', 'stroke-dasharray:5 4'],
  ['.sg-undo .sg-line', 'stroke-dasharray:2 3'],
  ['.sg-clause>.sg-frame,.sg-nothing>.sg-shape', 'stroke-dasharray:4 3'],
  ['.sg-words', 'stroke-width:3px;paint-order:stroke;stroke-linejoin:round'],
  ...faintRules(),
])
  .concat(paint(light))
  .concat(`@media(prefers-color-scheme:dark){${paint(dark)}}`)

type Rule = readonly [selectors: string, declarations: string]

function rules(given: readonly Rule[]): string {
  return given
    .map(([selectors, declarations]) => {
      const scoped = selectors.split(',').map((selector) => `.segno-graph ${selector}`)
      return `${scoped.join(',')}{${declarations}}`
    })
    .join('')
}

function faintRules(): readonly Rule[] {
  return (Object.keys(statusColors) as ItemState[])
    .filter(isFaint)
    .map((status) => [`.sg-${status}>.sg-shape,.sg-${status}>.sg-frame`, 'stroke-dasharray:4 3'])
}

function paint(palette: Palette): string {
  const { ground, text, detail, line, failing, node, block, blockBorder, list, verbs, statuses } = palette
  return rules([
    ['.sg-ground', `fill:${ground}`],
    ['text', `fill:${detail}`],
    ['.sg-title,.sg-label', `fill:${text}`],
    ['.sg-shape', `fill:${node};stroke:${line}`],
    ['.sg-frame', `fill:${block};stroke:${blockBorder}`],
    ['.sg-list>.sg-frame', `fill:${list}`],
    ['.sg-list>.sg-inner', 'fill:none'],
    ['.sg-line', `stroke:${line}`],
    ['.sg-arrow', `fill:${line}`],
    ['.sg-catch .sg-line', `stroke:${failing}`],
    ['.sg-catch .sg-arrow', `fill:${failing}`],
    ['.sg-words', `stroke:${ground}`],
    ...Object.entries(verbs).map(([name, color]): Rule => [`.sg-of-${name}`, `fill:${color}`]),
    ...Object.entries(statuses).flatMap(([status, colors]): readonly Rule[] => [
      [`.sg-${status}>.sg-shape`, `fill:${colors.fill};stroke:${colors.line}`],
      [`.sg-${status}>.sg-frame`, `stroke:${colors.line}`],
      [`.sg-${status}>text`, `fill:${colors.text}`],
      ...(isFaint(status as ItemState) ? [[`.sg-${status}>text>tspan`, `fill:${colors.text}`] as const] : []),
    ]),
  ])
}
