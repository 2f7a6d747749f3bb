import type { SecureContext } from 'node:tls'
import { SegnoError } from '@segno/core'

const pem = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** Trusts whom Node trusts, and the certificates of a PEM text. Made once: to read them all takes milliseconds. */
export function trustedCertificates(ca: string | undefined): SecureContext {
  const { createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls')
  const minVersion = 'TLSv1.2'
  if (ca === undefined) return createSecureContext({ minVersion })
  const added = ca.match(pem) ?? []
  try {
    // Node would pass over what it cannot read.
    if (added.length === 0) throw new Error('it holds no certificate')
    const { X509Certificate } = process.getBuiltinModule('node:crypto')
    for (const certificate of added) new X509Certificate(certificate)
    return createSecureContext({ minVersion, ca: [...getCACertificates('default'), ...added] })
  } catch (cause) {
    throw new SegnoError('ARGUMENT_INVALID', '`ca` is not a PEM text of certificates', { cause })
  }
}
