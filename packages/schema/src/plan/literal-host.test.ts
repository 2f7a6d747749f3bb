import { expect, test } from 'vitest'
import { hasLiteralHost } from './literal-host.ts'

test.for([
  ['https://api.example.com', true],
  ['https://api.example.com/orders/${{ input.id }}', true],
  ['http://localhost:8080/?q=${{ input.q }}', true],
  ['https://api.example.com${{ input.path }}', false],
  ['https://${{ input.host }}/orders', false],
  ['https://api.example.com:${{ input.port }}/orders', false],
  ['https://api.example.com\\${{ input.path }}', false],
  ['${{ input.url }}', false],
] as const)('the host of %s is written out: %s', ([url, literal]) => {
  expect(hasLiteralHost(url)).toBe(literal)
})
