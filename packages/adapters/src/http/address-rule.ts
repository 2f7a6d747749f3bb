import { BlockList, isIP, isIPv4 } from 'node:net'
import { SegnoError } from '@segno/core'

/** Says which addresses a request may go to whose host the author of the workflow did not write out. */
export interface AddressRule {
  /** Whether it may go to this address, which the host leads to or is itself. */
  allows(host: string, address: string): boolean
}

// The special-purpose registries of IANA, and where Azure answers for the machine. 192.88.99.0/24 once led to 6to4.
const special4 = [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
]

// All that is routed to everybody lies in one eighth of IPv6; these parts of it are not: protocols and tunnels (Teredo,
// 6to4), documentation.
const public6 = '2000::/3'
const special6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

/** Allows what is public, and what the host opens: addresses, ranges of them, names of hosts. */
export function addressRule(open: readonly string[]): AddressRule {
  const names = new Set(open.filter((entry) => !isAddresses(entry)).map(hostName))
  const addresses = listOf(open.filter(isAddresses))
  return {
    allows(host, address) {
      if (names.has(bare(host))) return true
      const [plain, family] = plainAddress(address)
      if (addresses.check(plain, family)) return true
      return isPublic(plain, family)
    },
  }
}

let lists: { readonly special: BlockList; readonly public6: BlockList } | undefined

function isPublic(address: string, family: 'ipv4' | 'ipv6'): boolean {
  // Made when it is first asked for: that takes milliseconds.
  lists ??= { special: listOf([...special4, ...special6]), public6: listOf([public6]) }
  return !lists.special.check(address, family) && (family === 'ipv4' || lists.public6.check(address, family))
}

function listOf(ranges: readonly string[]): BlockList {
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', length, ...rest] = range.split('/')
    const bitsMax = isIPv4(address) ? 32 : 128
    const bits = length === undefined ? bitsMax : Number(length)
    if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(length ?? '0') || bits > bitsMax)
      throw invalid(range, 'a range of addresses such as 10.0.0.0/8')
    list.addSubnet(address, bits, isIPv4(address) ? 'ipv4' : 'ipv6')
  }
  return list
}

function isAddresses(entry: string): boolean {
  return entry.includes('/') || isIP(entry) !== 0
}

function hostName(entry: string): string {
  const { hostname = '', href } = URL.canParse(`http://${entry}/`) ? new URL(`http://${entry}/`) : {}
  // A port would say more than is meant, and an address in a spelling of its own is a mistake sooner than a name.
  if (hostname === '' || href !== `http://${hostname}/` || entry.includes(':') || isIP(hostname) !== 0)
    throw invalid(entry, 'the name of a host, an address or a range of addresses')
  return bare(hostname)
}

// `localhost.` is `localhost`.
function bare(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}

function invalid(entry: string, expected: string): SegnoError {
  return new SegnoError('ARGUMENT_INVALID', `\`allowPrivate\` has ${JSON.stringify(entry)}, which is not ${expected}`)
}

/**
 * The address that one leads to: an IPv6 address may only be the wrapping of an IPv4
 * one, as an operating system maps it, or for a translator (NAT64, RFC 6052).
 */
function plainAddress(address: string): readonly [string, 'ipv4' | 'ipv6'] {
  if (isIPv4(address)) return [address, 'ipv4']
  // Written in the one way of the URL standard. What has a zone cannot be, and is a link-local address.
  const canonical = URL.canParse(`http://[${address}]`) ? new URL(`http://[${address}]`).hostname : '[::]'
  const [, high, low] = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(canonical) ?? []
  if (high === undefined || low === undefined) return [canonical.slice(1, -1), 'ipv6']
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [[first >> 8, first & 255, second >> 8, second & 255].join('.'), 'ipv4']
}
