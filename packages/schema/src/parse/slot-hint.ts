const slotBefore = /(?:^|[\s{,?-])(if|until|while|match|assert|in)\s*:[^\n]*$/

/** What to do about a YAML mistake at `offset` when it stands in an expression: YAML reads some of their signs. */
export function slotHint(text: string, offset: number): string | undefined {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
  const slot = slotBefore.exec(line)?.[1]
  return slot === undefined ? undefined : `quote the expression: ${slot}: "…"`
}
