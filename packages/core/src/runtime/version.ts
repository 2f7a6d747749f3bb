/** The version of this package, as `run.created` records it. A test compares it with `package.json`. */
export const engineVersion = '0.0.0'
