/**
 * A name of any characters as the name of a file, on every file system: in small
 * letters only, because some ignore case. `undefined` where it cannot be done: for
 * the empty name, for one that is too long and for one with half a character.
 */
export function fileNameOf(name: string): string | undefined {
  if (name === '' || !name.isWellFormed()) return undefined
  const plain = name.replace(/[^a-z0-9_-]+/gu, escaped)
  const whole = isReserved(plain) ? `${plain}+` : plain
  return whole.length > lengthMax ? undefined : whole
}

/** The name that a file was named after; `undefined` where none has this file name. */
export function nameOfFile(fileName: string): string | undefined {
  const plain = fileName.endsWith('+') ? fileName.slice(0, -1) : fileName
  const encoded = plain.replace(/\+([a-z])/g, (_, letter: string) => `%${hex(letter.toUpperCase().charCodeAt(0))}`)
  const name = decoded(encoded.replaceAll('=', '%'))
  return name !== undefined && fileNameOf(name) === fileName ? name : undefined
}

/** Whether systems of another kind take a file name for a device. */
export function isReserved(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(name)
}

// Room for what is put before and behind it within the 255 bytes that file systems give to a name.
const lengthMax = 200

function escaped(characters: string): string {
  let text = ''
  for (const byte of new TextEncoder().encode(characters)) {
    const isCapital = byte >= 0x41 && byte <= 0x5a
    text += isCapital ? `+${String.fromCharCode(byte + 0x20)}` : `=${hex(byte)}`
  }
  return text
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
