/** How one file names another: `./` and `../` from its own folder. */
export function pathBetween(from: string, to: string): string {
  const [own, other] = [from.split('/').slice(0, -1), to.split('/')]
  let common = 0
  while (common < own.length && common < other.length - 1 && own[common] === other[common]) common++
  const up = own.slice(common).map(() => '..')
  return [...(up.length === 0 ? ['.'] : up), ...other.slice(common)].join('/')
}
