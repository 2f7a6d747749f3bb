/** Words as they are typed into a POSIX shell. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => (plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)).join(' ')
}

const plainWord = /^[\w@%+=:,./-]+$/
