/**
 * Where the values of secrets come from: the environment of the host.
 *
 * @module
 */
export { environmentSecrets, type EnvironmentSecretsOptions } from './env-secrets.ts'
