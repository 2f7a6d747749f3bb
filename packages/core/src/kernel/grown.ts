/**
 * A list with one item more: the same list, but for the first two items. Most lists of a step
 * hold no more, and one that `push` made keeps room for seventeen.
 */
export function grown<T>(list: T[], item: T): T[] {
  switch (list.length) {
    case 0:
      return [item]
    case 1:
      return [list[0] as T, item]
    default:
      list.push(item)
      return list
  }
}
