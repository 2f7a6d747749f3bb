/** The most nodes, the root included: each takes up to 32 bytes, so that a full automaton has 64 MiB. */
export const nodesMax = 2 ** 21

/** The shortest form. The longer it is, the further a text can be skipped. */
export const formBytesMin = 8

/** The node of nothing read yet, and of nothing read that any form begins with. */
export const root = 0

const nodesMin = 1024

/**
 * Finds all of many byte strings in one pass, by the automaton of Aho and Corasick
 * ("Efficient string matching: an aid to bibliographic search", CACM 18, 1975):
 * a trie of the forms in which each node is linked to the longest of its ends that is the
 * beginning of a form too. Where nothing has begun yet, bytes are skipped by the table
 * of Wu and Manber ("A fast algorithm for multi-pattern searching", TR-94-17, 1994).
 * Time is linear in the bytes read, whatever they and the forms are.
 *
 * Forms are added at any time. A link is made when its node is first read after that, so that
 * an addition costs what its form is long, and not what all are.
 */
export class AhoCorasick {
  #nodes = 1
  #version = 0
  readonly #shifts = new Uint8Array(2 ** 16).fill(formBytesMin - 1)
  readonly #first = new Int32Array(256)
  // From a node by a byte to a node: an open hash table of pairs, of which at most half are taken.
  #edges = new Int32Array(4 * nodesMin)
  #depth = new Int32Array(nodesMin)
  #link = new Int32Array(nodesMin)
  // The version that the link was made for. All nodes along the links from one that is linked are linked too.
  #linked = new Int32Array(nodesMin)
  // The length of the longest form that ends at the node. It is the node's own where it is as long as the node is deep.
  #form = new Int32Array(nodesMin)

  /** Grows with each new form: nodes that were read by an older one are to be forgotten. 0: there is no form. */
  get version(): number {
    return this.#version
  }

  /** Adds forms. False, and none is added, where one is too short or there is no room for all. */
  add(forms: readonly Uint8Array[]): boolean {
    const bytes = forms.reduce((sum, form) => sum + form.length, 0)
    if (this.#nodes + bytes > nodesMax || forms.some((form) => form.length < formBytesMin)) return false
    for (const form of forms) this.#add(form)
    return true
  }

  /** How many of the bytes last read may be the beginning of a form. */
  depth(node: number): number {
    return this.#depth[node] as number
  }

  /**
   * Reads on from the root, or a node of this version, and gives the node that it comes to. `found`
   * is told, at each place where forms end, of the longest of them: from where to before where.
   */
  scan(bytes: Uint8Array, from: number, found: (from: number, to: number) => void): number {
    const forms = this.#form
    const links = this.#link
    const linked = this.#linked
    const version = this.#version
    let node = from
    let at = 0
    while (at < bytes.length) {
      if (node === root) at = this.#skip(bytes, at)
      const byte = bytes[at++] as number
      let next = this.#next(node, byte)
      while (next === root && node !== root) {
        node = links[node] as number
        next = this.#next(node, byte)
      }
      if (next !== root && linked[next] !== version) this.#makeLinks(next, node, byte)
      node = next
      const length = forms[node] as number
      if (length > 0) found(at - length, at)
    }
    return node
  }

  #add(form: Uint8Array): void {
    let node = root
    for (const byte of form) {
      const next = this.#next(node, byte)
      node = next === root ? this.#grow(node, byte) : next
    }
    if (this.#form[node] === form.length) return
    this.#form[node] = form.length
    this.#shorten(form)
    this.#version += 1
  }

  // The next place where a form may begin: a shift is the least distance from which one can, by the two bytes at the
  // end of the window. What is shorter than a window is read byte by byte, for a form may go on in the next bytes.
  #skip(bytes: Uint8Array, from: number): number {
    const shifts = this.#shifts
    const last = bytes.length - formBytesMin
    let at = from
    while (at <= last) {
      const pair = ((bytes[at + formBytesMin - 2] as number) << 8) | (bytes[at + formBytesMin - 1] as number)
      const shift = shifts[pair] as number
      if (shift === 0) return at
      at += shift
    }
    return at
  }

  #shorten(form: Uint8Array): void {
    for (let at = 0; at + 1 < formBytesMin; at++) {
      const pair = ((form[at] as number) << 8) | (form[at + 1] as number)
      this.#shifts[pair] = Math.min(this.#shifts[pair] as number, formBytesMin - 2 - at)
    }
  }

  // Links a node below a linked one, and those that it leads to.
  #makeLinks(node: number, parent: number, byte: number): void {
    const path: number[] = []
    let above = parent
    let at = node
    while (at !== root && this.#linked[at] !== this.#version) {
      let next = root
      while (next === root && above !== root) {
        above = this.#link[above] as number
        next = this.#next(above, byte)
      }
      this.#link[at] = next
      path.push(at)
      at = next
    }
    // A form that ends where a link leads to ends here too.
    for (const each of path.toReversed()) {
      if (this.#form[each] !== this.#depth[each]) this.#form[each] = this.#form[this.#link[each] as number] as number
      this.#linked[each] = this.#version
    }
  }

  #next(node: number, byte: number): number {
    if (node === root) return this.#first[byte] as number
    return this.#edges[slotOf(this.#edges, (node << 8) | byte) + 1] as number
  }

  #grow(parent: number, byte: number): number {
    if (this.#nodes === this.#depth.length) this.#makeRoom()
    const node = this.#nodes++
    this.#depth[node] = (this.#depth[parent] as number) + 1
    if (parent === root) this.#first[byte] = node
    else connect(this.#edges, (parent << 8) | byte, node)
    return node
  }

  #makeRoom(): void {
    this.#depth = twice(this.#depth)
    this.#link = twice(this.#link)
    this.#linked = twice(this.#linked)
    this.#form = twice(this.#form)
    const edges = new Int32Array(this.#edges.length * 2)
    for (let slot = 0; slot < this.#edges.length; slot += 2) {
      const key = this.#edges[slot] as number
      if (key !== 0) connect(edges, key, this.#edges[slot + 1] as number)
    }
    this.#edges = edges
  }
}

// A key is never 0, for the edges of the root are not in the table.
function connect(edges: Int32Array, key: number, node: number): void {
  const slot = slotOf(edges, key)
  edges[slot] = key
  edges[slot + 1] = node
}

// The place of an edge, or the free one that it would take.
function slotOf(edges: Int32Array, key: number): number {
  const end = edges.length - 1
  let slot = ((Math.imul(key, 0x9e3779b1) >>> 8) * 2) & end
  for (let found = edges[slot]; found !== key && found !== 0; found = edges[slot]) slot = (slot + 2) & end
  return slot
}

function twice(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2)
  larger.set(array)
  return larger
}
