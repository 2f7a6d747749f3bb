/**
 * A storage in a folder, which people can read and several processes may use: what
 * the command line keeps its runs in.
 *
 * @module
 */
export { fileStorage, type FileStorage, type FileStorageOptions } from './file-storage.ts'
export type { Disk, DiskFile, FileLook } from './disk.ts'
export type { ProcessIdentity } from '../process/process-identity.ts'
