const slotBefore = /(?:^|[\s{,?-])(if|until|while|match|assert|in)\s*:[^\n]*$/

/** What to do about a YAML mistake at `offset` when quotes mend it: YAML reads some of the signs of expressions and texts. */
export function slotHint(text: string, offset: number): string | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  const before = text.slice(start, offset)
  const [after = ''] = text.slice(offset).split('\n', 1)
  const slot = slotBefore.exec(before)?.[1]
  if (slot !== undefined) return `quote the expression: ${slot}: "…"`
  if (/\$\{\{|\$$/.test(before)) return 'put the whole text with ${{ }} in quotes: "…"'
  return /^[^"'[{]*[^:]: /.test(after) ? 'put a text with ": " in quotes: "…"' : undefined
}
