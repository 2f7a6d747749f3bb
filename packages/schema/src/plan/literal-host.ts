import { cutAtMarks } from '../expression/marks.ts'

/** Whether a URL template says itself with whom the request is made: data gives its path, query and fragment at most. */
export function hasLiteralHost(url: string): boolean {
  const [first, ...rest] = cutAtMarks(url)
  if (first?.kind !== 'text') return false
  return rest.length === 0 || /^https?:\/\/[^/?#\\]+[/?#]/i.test(first.text)
}
