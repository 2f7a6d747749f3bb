import type { HandlerContext } from 'segno'
import type { Handlers } from '../load-named.ts'

/** What the steps call; `said` gets what is mailed. The test and `--trouble` make them fail. */
export function handlers(said: string[] = []): Handlers {
  return {
    'lists.lock': () => ({ locked: true }),
    'lists.unlock': () => ({ locked: false }),
    'lists.put': (_context: HandlerContext, { list }: { readonly list: string }) => ({ url: `/lists/${list}` }),
    'prices.fetch': () => [{ article: 'tea', price: 4.5 }],
    'prices.kept': () => [{ article: 'tea', price: 4.2 }],
    'texts.translate': (_context: HandlerContext, { language }: { readonly language: string }) => `text in ${language}`,
    'pictures.draw': () => '/covers/1.png',
    'mail.send': (_context: HandlerContext, { text }: { readonly text: string }) => void said.push(text),
  }
}
