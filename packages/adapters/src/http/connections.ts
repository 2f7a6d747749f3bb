import { lookup } from 'node:dns'
import type { LookupAddress } from 'node:dns'
import type { Agent } from 'node:http'
import { isIP } from 'node:net'
import type { LookupFunction } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { AddressRule } from './address-rule.ts'
import type { Hop } from './hop.ts'
import { HttpFailure } from './http-failure.ts'

/** The connections to servers, kept open for a while. */
export interface Connections {
  /** What the request of a hop is to be made over. Throws a failure where it may not be made. */
  agentFor(hop: Hop): Agent
  /** Closes all of them, also those that are in use. */
  close(): void
}

// Less than the 5 s after which servers begin to close what nobody uses: a request must not meet the end.
const idleMs = 4000

/**
 * A request that must not lead into a private network never gets the connection of one that may: the rule is
 * asked when a connection is made, for the address that is connected to. So no answer of a name server, not even the
 * second one, gets around it.
 */
export function connections(rule: AddressRule, secureContext: SecureContext): Connections {
  // To import them reads all that they export, and that loads the whole of `fetch`: 30 ms.
  const { Agent: HttpAgent } = process.getBuiltinModule('node:http')
  const { Agent: HttpsAgent } = process.getBuiltinModule('node:https')
  const plain = { keepAlive: true, timeout: idleMs }
  // Said here, for an environment variable of Node's turns the verification off.
  const secure = { ...plain, secureContext, rejectUnauthorized: true }
  const guard = { lookup: guardedLookup(rule) }
  const open = { 'http:': new HttpAgent(plain), 'https:': new HttpsAgent(secure) }
  const guarded = { 'http:': new HttpAgent({ ...plain, ...guard }), 'https:': new HttpsAgent({ ...secure, ...guard }) }
  return {
    agentFor({ url, isGuarded }) {
      // An address is connected to without being looked up.
      const address = hostOf(url)
      if (isGuarded && isIP(address) !== 0 && !rule.allows(url.hostname, address)) throw refusal(address, [address])
      return (isGuarded ? guarded : open)[url.protocol === 'https:' ? 'https:' : 'http:']
    },
    close() {
      for (const agent of [...Object.values(open), ...Object.values(guarded)]) agent.destroy()
    },
  }
}

/** The host of a URL as a connection wants it: IPv6 without its brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function guardedLookup(rule: AddressRule): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, [])
      const allowed = found.filter(({ address }) => rule.allows(host, address))
      const [first] = allowed
      if (first === undefined) return callback(refusal(host, found.map(addressOf)), [])
      if (options.all === true) callback(null, allowed)
      else callback(null, first.address, first.family)
    })
  }
}

function addressOf({ address }: LookupAddress): string {
  return address
}

function refusal(host: string, addresses: readonly string[]): HttpFailure {
  const lead = addresses.includes(host) ? `${host} is no public address` : `${host} leads to ${addresses.join(', ')}`
  const message = `${lead}: the request may only go to public addresses, for its host came from data or a redirect. Write the host into the workflow, or open it in \`allowPrivate\` of \`nodeHttp\``
  return new HttpFailure('HTTP_REFUSED', message, { details: { host, addresses } })
}
