/** Text as it stands in an XML document, also between quotes. What XML has no sign for becomes the sign of that. */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A start tag with its attributes; those that are `undefined` are left out. */
export function startTag(name: string, attributes: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [` ${key}="${typeof value === 'number' ? px(value) : escapeXml(value)}"`],
  )
  return `<${name}${given.join('')}>`
}

/** An element without content. */
export function emptyTag(name: string, attributes: Parameters<typeof startTag>[1]): string {
  return startTag(name, attributes).replace(/>$/, '/>')
}

/** A number of pixels, to a hundredth. */
export function px(value: number): string {
  return String(Math.round(value * 100) / 100)
}
