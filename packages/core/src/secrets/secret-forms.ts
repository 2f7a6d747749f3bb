import { formBytesMin } from './aho-corasick.ts'

/** The shortest value, and the shortest line of one, that can be masked; white space around it does not count. */
export const secretCharactersMin = 8

/**
 * The texts by which a secret may be told: its value and each of its lines, both without the
 * white space around them, as they are and as JSON, URLs, base64 and hexadecimal write
 * them. None where it has fewer than `secretCharactersMin` characters: it would be found
 * in what has nothing to do with it.
 */
export function* secretForms(value: string): Generator<string, void> {
  const seen = new Set<string>()
  // Half a surrogate pair comes out as U+FFFD wherever it is written as UTF-8.
  const wellFormed = value.toWellFormed()
  for (const line of [wellFormed, ...wellFormed.split(/[\r\n]+/)]) {
    const text = line.trim()
    if (text.length < secretCharactersMin || seen.has(text)) continue
    seen.add(text)
    yield text
    yield* new Set([...jsonForms(text), ...urlForms(text), ...byteForms(new TextEncoder().encode(text))])
  }
}

// As JSON.stringify writes it, and writers that spare HTML `<>&`, all but ASCII, or `</`.
function jsonForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1)
  const forHtml = json.replaceAll(/[<>&\u2028\u2029]/g, unicodeEscape)
  const ascii = json.replaceAll(/[^\0-\x7f]/g, unicodeEscape)
  const upper = json.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unicodeEscape(unit).slice(2).toUpperCase()}`)
  return [json, forHtml, ascii, upper].flatMap((form) => [form, form.replaceAll('/', '\\/')])
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

// As encodeURIComponent writes it, RFC 3986 (with and without `/`), HTML forms, and encodeURI.
function urlForms(text: string): string[] {
  const component = encodeURIComponent(text)
  const strict = component.replaceAll(/[!'()*]/g, percentEscape)
  const form = component.replaceAll(/[!'()~]/g, percentEscape).replaceAll('%20', '+')
  const forms = [component, strict, strict.replaceAll('%2F', '/'), form, encodeURI(text)]
  return forms.flatMap((each) => [each, each.replaceAll(/%../g, (escape) => escape.toLowerCase())])
}

function percentEscape(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function byteForms(bytes: Uint8Array): string[] {
  let binary = ''
  let hex = ''
  for (const byte of bytes) {
    binary += String.fromCharCode(byte)
    hex += byte.toString(16).padStart(2, '0')
  }
  const aligned = [0, 1, 2].map((before) => base64Inside(binary, before))
  const urlSafe = aligned.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))
  return [...aligned, ...urlSafe, ...base64Lines(binary), hex, hex.toUpperCase()]
}

// The characters that are the same whatever stands before and after: those whose six bits are all the secret's own.
function base64Inside(binary: string, before: number): string {
  const from = Math.ceil((before * 8) / 6)
  const to = Math.floor(((before + binary.length) * 8) / 6)
  return btoa('\0'.repeat(before) + binary).slice(from, to)
}

// A secret encoded by itself is broken into lines: of 64 characters by PEM and OpenSSL, of 76 by MIME and `base64`.
function base64Lines(binary: string): string[] {
  const text = btoa(binary)
  const lines = [/.{1,64}/g, /.{1,76}/g].flatMap((line) => text.match(line) ?? [])
  return lines.filter((line) => line.length >= formBytesMin && line !== text)
}
