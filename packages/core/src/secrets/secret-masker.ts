import type { Masker } from '../ports/masker.ts'
import { AhoCorasick, nodesMax, root } from './aho-corasick.ts'
import { maskedJson } from './masked-json.ts'
import { joined, MaskingStream } from './masked-stream.ts'
import { secretCharactersMin, secretForms } from './secret-forms.ts'

export { secretCharactersMin } from './secret-forms.ts'

/** A masker that learns secrets as they are resolved. */
export interface SecretMasker extends Masker {
  /**
   * Masks this value from now on, also in streams that have begun. False where it cannot be masked
   * whole, and so must not be used: white space around it left aside it has fewer than 8 characters,
   * or there is no room left (for some thousands of keys of 40 characters).
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

  const text = (text: string): string => {
    if (forms.version === 0 || text.length < secretCharactersMin) return text
    const bytes = encoder.encode(text)
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
      if (!addForms(forms, value)) return false
      known.add(value)
      return true
    },
  }
}

// What there was room for is masked all the same where the rest did not fit.
function addForms(forms: AhoCorasick, value: string): boolean {
  if (value.length > nodesMax) return false
  const encoder = new TextEncoder()
  let isSome = false
  for (const form of secretForms(value)) {
    if (!forms.add(encoder.encode(form))) return false
    isSome = true
  }
  return isSome
}
