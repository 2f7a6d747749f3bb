import type { Masker } from '../ports/masker.ts'
import { AhoCorasick, nodesMax, root } from './aho-corasick.ts'
import { maskedJson } from './masked-json.ts'
import { joined, MaskingStream } from './masked-stream.ts'
import { secretCharactersMin, secretForms } from './secret-forms.ts'

export { secretCharactersMin } from './secret-forms.ts'

/** A masker that learns secrets as they are resolved. */
export interface SecretMasker extends Masker {
  /**
   * Masks this value from now on, also in streams that have begun. False where it cannot be masked, and so must
   * not be used: without the white space around it, it has fewer than 8 characters, or there is no room for
   * it. Room is for some 6000 values of 40 characters, or for one of 32 Ki.
   */
  add(value: string): boolean
}

/** A masker that knows nothing yet. */
export function secretMasker(): SecretMasker {
  const forms = new AhoCorasick()
  const known = new Set<string>()
  const encoder = new TextEncoder()
  // A byte order mark is part of the text.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

  // To make an array for each of many short texts would take longer than the search in it.
  const scratch = new Uint8Array(2 ** 14)
  const utf8 = (text: string): Uint8Array => {
    if (text.length * 3 > scratch.length) return encoder.encode(text)
    return scratch.subarray(0, encoder.encodeInto(text, scratch).written)
  }

  const text = (text: string): string => {
    if (forms.version === 0 || text.length < secretCharactersMin) return text
    const bytes = utf8(text)
    let isFound = false
    forms.scan(bytes, root, () => (isFound = true))
    if (!isFound) return text
    const stream = new MaskingStream(forms)
    return decoder.decode(joined([stream.push(bytes), stream.end()]))
  }

  return {
    get isEmpty() {
      return forms.version === 0
    },
    text,
    json: (value) => (forms.version === 0 ? value : maskedJson(value, text)),
    stream: () => new MaskingStream(forms),
    add(value) {
      if (known.has(value)) return true
      if (value.length > nodesMax) return false
      const added = [...secretForms(value)].map((form) => encoder.encode(form))
      if (added.length === 0 || !forms.add(added)) return false
      known.add(value)
      return true
    },
  }
}
