import { shown } from './report.ts'
import type { Results } from './results.ts'

interface Bar {
  readonly name: string
  readonly isOwn: boolean
  readonly sequential: number
  readonly concurrent: number | undefined
}

const durabilities = [
  ['power loss', 'a step that is done survives a loss of power', 'power'],
  ['process kill', 'a step that is done survives the death of the process', 'process'],
  ['none', 'in memory', 'memory'],
] as const

const [left, right, width] = [190, 70, 860]
const [rowHeight, headHeight, top] = [30, 34, 62]

// Read on white and on black: text takes the colour of its surroundings where the picture is part of a page.
const style = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .title { font-size: 15px; font-weight: 600 } .head { font-weight: 600 } .own { font-weight: 700 } .small { font-size: 11px }
  .grid { stroke: #8c959f; stroke-opacity: .35 }
  .power { fill: #1f883d } .process { fill: #bf8700 } .memory { fill: #0969da } .concurrent { fill-opacity: .5 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .power { fill: #3fb950 } .process { fill: #d29922 } .memory { fill: #58a6ff }
  }`

/** Steps a second of all subjects, on a scale by powers of ten, as SVG. Colours and groups tell the durability. */
export function chart(results: Results): string {
  const groups = durabilities.map(([durability, says, colour]) => ({ says, colour, bars: barsOf(results, durability) }))
  const there = groups.filter(({ bars }) => bars.length > 0)
  const rates = there.flatMap(({ bars }) =>
    bars.flatMap(({ sequential, concurrent }) => [sequential, concurrent ?? sequential]),
  )
  const powers = {
    from: Math.floor(Math.log10(Math.min(...rates, 100))),
    to: Math.ceil(Math.log10(Math.max(...rates, 1000))),
  }
  const height = top + there.reduce((sum, { bars }) => sum + headHeight + bars.length * rowHeight, 0) + 24
  const at = (rate: number): number =>
    left + ((Math.log10(rate) - powers.from) / (powers.to - powers.from)) * (width - left - right)
  let y = top
  const parts: string[] = []
  for (const { says, colour, bars } of there) {
    parts.push(text(0, y + 20, 'head', says))
    y += headHeight
    for (const bar of bars) {
      parts.push(barOf(bar, { y, colour, at }))
      y += rowHeight
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">Steps a second of Segno, raw storage and other engines, by durability</title>
<style>${style}
</style>
${text(0, 18, 'title', 'Steps a second; the scale goes by powers of ten')}
${text(0, 38, 'small', 'Full: runs of ten steps, one after another. Pale: a hundred of them at a time.')}
${grid(powers, at, height)}
${parts.join('\n')}
</svg>
`
}

function barsOf({ subjects, rows }: Results, durability: string): Bar[] {
  return subjects
    .filter((subject) => subject.durability === durability)
    .flatMap(({ name, group }) => {
      const [sequential, concurrent] = ['W1s', 'W1c'].map(
        (workload) => rows.find((row) => row.workload === workload && row.subject === name)?.best['stepsPerSecond'],
      )
      return sequential === undefined ? [] : [{ name, isOwn: group === 'segno', sequential, concurrent }]
    })
    .toSorted((one, other) => other.sequential - one.sequential)
}

interface Row {
  readonly y: number
  readonly colour: string
  readonly at: (rate: number) => number
}

function barOf({ name, isOwn, sequential, concurrent }: Bar, { y, colour, at }: Row): string {
  const bars = [rect(y + 3, at(sequential), colour), text(at(sequential) + 5, y + 12, 'small', shown(sequential))]
  if (concurrent !== undefined) {
    bars.push(rect(y + 15, at(concurrent), `${colour} concurrent`))
    bars.push(text(at(concurrent) + 5, y + 24, 'small', shown(concurrent)))
  }
  return [text(8, y + 18, isOwn ? 'own' : '', name), ...bars].join('\n')
}

function rect(y: number, to: number, colour: string): string {
  return `<rect class="${colour}" x="${left}" y="${y}" width="${Math.max(1, to - left).toFixed(1)}" height="10"/>`
}

function grid(powers: { readonly from: number; readonly to: number }, at: Row['at'], height: number): string {
  const lines = Array.from({ length: powers.to - powers.from + 1 }, (_, index) => {
    const rate = 10 ** (powers.from + index)
    const x = at(rate).toFixed(1)
    const line = `<line class="grid" x1="${x}" x2="${x}" y1="${top - 4}" y2="${height - 20}"/>`
    return `${line}<text class="small" x="${x}" y="${height - 6}" text-anchor="middle">${shown(rate)}</text>`
  })
  return lines.join('\n')
}

function text(x: number, y: number, className: string, content: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text class="${className}" x="${x.toFixed(1)}" y="${y}">${escaped}</text>`
}
