import type { ItemState } from './overlay.ts'

/** How a status is painted. Text on `fill` has a contrast of at least 7 to 1. */
export interface StatusColors {
  readonly fill: string
  readonly line: string
  readonly text: string
}

/** The colours of each status on a light ground; none for what nothing has become of. */
export const statusColors: Readonly<Record<Exclude<ItemState, 'pending'>, StatusColors>> = {
  running: { fill: '#ddf4ff', line: '#0969da', text: '#0a3069' },
  retrying: { fill: '#fff8c5', line: '#9a6700', text: '#4d2d00' },
  waiting: { fill: '#fff8c5', line: '#9a6700', text: '#4d2d00' },
  blocked: { fill: '#ffebe9', line: '#cf222e', text: '#660018' },
  cancelling: { fill: '#fff8c5', line: '#9a6700', text: '#4d2d00' },
  completed: { fill: '#dafbe1', line: '#1a7f37', text: '#033a16' },
  failed: { fill: '#ffebe9', line: '#cf222e', text: '#660018' },
  skipped: { fill: '#f6f8fa', line: '#8c959f', text: '#424a53' },
  cancelled: { fill: '#fff1e5', line: '#bc4c00', text: '#471700' },
  unreached: { fill: '#f6f8fa', line: '#afb8c1', text: '#57606a' },
}

/** The same on a dark ground. */
export const darkStatusColors: typeof statusColors = {
  running: { fill: '#0c2d4d', line: '#4493f8', text: '#cae8ff' },
  retrying: { fill: '#3a2a05', line: '#d29922', text: '#f8e3a1' },
  waiting: { fill: '#3a2a05', line: '#d29922', text: '#f8e3a1' },
  blocked: { fill: '#4b1113', line: '#f85149', text: '#ffdcd7' },
  cancelling: { fill: '#3a2a05', line: '#d29922', text: '#f8e3a1' },
  completed: { fill: '#0f3018', line: '#3fb950', text: '#d2f9da' },
  failed: { fill: '#4b1113', line: '#f85149', text: '#ffdcd7' },
  skipped: { fill: '#1c2128', line: '#656c76', text: '#b6bdc5' },
  cancelled: { fill: '#42200a', line: '#db6d28', text: '#ffe3cc' },
  unreached: { fill: '#161b22', line: '#444c56', text: '#9da5ae' },
}

/** Whether nothing was done: it is told by broken lines too. */
export function isFaint(status: ItemState): boolean {
  return status === 'unreached' || status === 'skipped'
}
