/** Something that becomes due. The queue owns `dueAt` and `place`. */
export interface Due {
  dueAt: number
  /** Decides between two that are due at the same instant: the smaller goes first. */
  readonly order: number
  /** Where in the heap it is; -1 while it is not queued. */
  place: number
}

/** What becomes due, longest due first. */
export interface DueQueue<Item extends Due> {
  /** Queues an item, or moves it to another instant. */
  set(item: Item, dueAt: number): void
  /** Takes an item out; one that is not queued is left alone. */
  remove(item: Item): void
  first(): Item | undefined
}

/**
 * A binary heap whose items know their place, so that moving or removing one
 * costs O(log n) and nothing that is gone is kept.
 */
export function dueQueue<Item extends Due>(): DueQueue<Item> {
  const heap: Item[] = []
  return {
    set(item, dueAt) {
      item.dueAt = dueAt
      if (item.place < 0) item.place = heap.push(item) - 1
      settle(heap, item)
    },
    remove(item) {
      if (item.place < 0) return
      const last = heap.pop()
      if (last !== undefined && last !== item) {
        put(heap, last, item.place)
        settle(heap, last)
      }
      item.place = -1
    },
    first: () => heap[0],
  }
}

function settle<Item extends Due>(heap: Item[], item: Item): void {
  rise(heap, item)
  sink(heap, item)
}

function rise<Item extends Due>(heap: Item[], item: Item): void {
  let place = item.place
  while (place > 0) {
    const above = heap[(place - 1) >> 1]
    if (above === undefined || isBefore(above, item)) break
    const next = above.place
    put(heap, above, place)
    place = next
  }
  put(heap, item, place)
}

function sink<Item extends Due>(heap: Item[], item: Item): void {
  let place = item.place
  for (;;) {
    const left = heap[2 * place + 1]
    const right = heap[2 * place + 2]
    const below = right !== undefined && left !== undefined && isBefore(right, left) ? right : left
    if (below === undefined || isBefore(item, below)) break
    const next = below.place
    put(heap, below, place)
    place = next
  }
  put(heap, item, place)
}

function put<Item extends Due>(heap: Item[], item: Item, place: number): void {
  heap[place] = item
  item.place = place
}

function isBefore(a: Due, b: Due): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)
}
