/** A size in bytes, `undefined` for what is none. Takes a whole number from 0, and texts such as `64KiB` and `1MiB`. */
export function parseSize(size: number | string): number | undefined {
  const bytes = typeof size === 'number' ? size : bytesOf(size)
  return bytes !== undefined && Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined
}

function bytesOf(text: string): number | undefined {
  const [, amount, unit = ''] = /^(\d{1,15})(B|KiB|MiB)$/.exec(text) ?? []
  const factor = unitsBytes.get(unit)
  return factor === undefined ? undefined : Number(amount) * factor
}

const unitsBytes: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 * 1024],
])
