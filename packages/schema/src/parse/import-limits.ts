/** How far imports go. */
export const importLimits = {
  /** Of one workflow in another. */
  depthMax: 16,
  filesMax: 100,
  /** Of the JSON of a workflow together with its imports, in UTF-8. */
  bytesMax: 4 * 1024 * 1024,
} as const

/** What is said of imports that are nested deeper. */
export const importsTooDeep = `imports are nested more than ${importLimits.depthMax} deep`
