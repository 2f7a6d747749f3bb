/** Texts as PostgreSQL sends an array of them in binary: NULL for `null`. */
export function textArray(texts: readonly (string | null)[]): Buffer {
  const size = texts.reduce((sum, text) => sum + 4 + (text === null ? 0 : Buffer.byteLength(text)), headSize)
  const bytes = Buffer.allocUnsafe(size)
  const hasNull = texts.includes(null) ? 1 : 0
  let at = 0
  for (const word of [dimensions, hasNull, textType, texts.length, firstIndex]) at = bytes.writeInt32BE(word, at)
  for (const text of texts) {
    const written = text === null ? nullSize : bytes.write(text, at + 4)
    at = bytes.writeInt32BE(written, at) + Math.max(0, written)
  }
  return bytes
}

const headSize = 20
const dimensions = 1
const firstIndex = 1
const nullSize = -1
// The number of the type `text` in the catalog of every server.
const textType = 25
