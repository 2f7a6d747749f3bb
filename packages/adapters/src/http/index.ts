/**
 * Makes the requests of `http` steps from this process: redirects, compression, TLS, limits,
 * and a rule that keeps hosts which came from data out of private networks.
 *
 * @module
 */
export { nodeHttp, type NodeHttp, type NodeHttpOptions } from './node-http.ts'
