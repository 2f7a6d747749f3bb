import { describe, expect, test } from 'vitest'
import { addressRule } from '../../src/http/address-rule.ts'
import { nodeHttp } from '../../src/http/index.ts'
import { ask, client, failureOf, serve } from './loopback.ts'

describe('without anything opened', () => {
  const rule = addressRule([])

  test.for([
    ...[
      '8.8.8.8',
      '1.1.1.1',
      '93.184.215.14',
      '172.15.0.1',
      '172.32.0.1',
      '100.63.0.1',
      '100.128.0.1',
      '223.255.255.1',
    ],
    ...['2606:4700:4700::1111', '2a00:1450:4001:81c::200e', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '64:ff9b::808:808'],
  ])('%s is public', (address) => {
    expect(rule.allows('a.example', address)).toBe(true)
  })

  test.for([
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1', '0:0:0:0:0:0:0:1']],
    ['private', ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1']],
    ['link-local', ['169.254.0.1', 'fe80::1', 'febf::1', 'fe80::1%eth0', 'fec0::1']],
    ['where clouds answer for the machine', ['169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '100.100.100.200']],
    ['shared by the customers of a provider', ['100.64.0.1', '100.127.255.255']],
    ['unique to a site', ['fc00::1', 'fdff::1']],
    ['multicast or broadcast', ['224.0.0.1', '239.255.255.255', 'ff02::1', '255.255.255.255']],
    ['unspecified', ['0.0.0.0', '0.1.2.3', '::']],
    ['reserved', ['240.0.0.1', '192.0.0.1', '100::1', '4000::1', '5f00::1']],
    ['for documentation and measurement', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.1']],
    ['for documentation and measurement in IPv6', ['2001:db8::1', '3fff::1', '2001:2::1']],
    ['an IPv4 address inside of IPv6', ['::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::127.0.0.1']],
    ['an IPv4 address behind a translator', ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::1', '64:ff9b:1::a00:1']],
    ['an IPv4 address in a tunnel', ['2002:7f00:1::1', '2001:0:7f00:1::', '::ffff:0:127.0.0.1']],
  ] as const)('what is %s is not', ([, addresses]) => {
    expect(addresses.filter((address) => rule.allows('a.example', address))).toEqual([])
  })
})

describe('the host opens', () => {
  test('ranges', () => {
    const rule = addressRule(['10.1.0.0/16', 'fd00:1::/32', '127.0.0.1'])
    const asked = ['10.1.255.1', '10.2.0.1', 'fd00:1::1', 'fd00:2::1', '127.0.0.1', '127.0.0.2', '::ffff:10.1.0.1']
    expect(asked.filter((address) => rule.allows('a.example', address))).toEqual([
      '10.1.255.1',
      'fd00:1::1',
      '127.0.0.1',
      '::ffff:10.1.0.1',
    ])
  })

  test('names, whatever they lead to, and no others', () => {
    const rule = addressRule(['Billing.Internal', 'grün.example'])
    const asked = [
      'billing.internal',
      'billing.internal.',
      'BILLING.internal',
      new URL('http://grün.example').hostname,
      'a.billing.internal',
    ]
    expect(asked.filter((host) => rule.allows(host, '10.0.0.1'))).toEqual(asked.slice(0, 4))
  })

  test.for([
    ...['10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/a', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', 'a/8', '/8'],
    ...[
      '',
      'http://a.example',
      'a.example:80',
      'a.example/path',
      'user@a.example',
      'a b',
      '10.0.0',
      '0x7f000001',
      '[::1]',
    ],
  ])('no nonsense: %j', (entry) => {
    expect(() => nodeHttp({ allowPrivate: [entry] })).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID' }))
  })
})

describe('a request whose host came from data', () => {
  test.for([
    ...['127.0.0.1', 'localhost', 'LOCALHOST', '0x7f000001', '2130706433', '0177.0.0.1', '127.1'],
    ...['[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:1]', '0.0.0.0', '[::]', '１２７.0.0.1'],
  ])('does not reach this machine as %s', async (host) => {
    const server = await serve()
    expect(await failureOf(ask(`http://${host}:${server.port}/`, { isHostLiteral: false }))).toMatchObject({
      code: 'HTTP_REFUSED',
      message: expect.stringContaining('`allowPrivate`') as string,
      retryable: false,
    })
    expect(server.connections()).toBe(0)
  })

  test('does not get the connection of one whose host was written out', async () => {
    const server = await serve()
    const http = client()
    const url = `http://localhost:${server.port}/`
    expect(await ask(url, { http })).toMatchObject({ status: 200 })
    expect(await failureOf(ask(url, { http, isHostLiteral: false }))).toMatchObject({ code: 'HTTP_REFUSED' })
    expect(server.got).toHaveLength(1)
  })

  test.for([
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', 'localhost'],
    ['localhost', '127.0.0.0/8'],
    ['0x7f000001', '127.0.0.0/8'],
    ['[::ffff:127.0.0.1]', '127.0.0.0/8'],
  ] as const)('reaches it as %s where %s is open', async ([host, entry]) => {
    const server = await serve()
    const http = client({ allowPrivate: [entry] })
    const answer = await ask(`http://${host}:${server.port}/`, { http, isHostLiteral: false })
    expect(answer).toMatchObject({ status: 200, body: { ok: true } })
  })
})
