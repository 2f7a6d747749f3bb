// The grammar of semver.org: three numbers without leading zeros, then a pre-release and a build, if any.
const number = '(?:0|[1-9]\\d*)'
const identifier = `(?:${number}|\\d*[A-Za-z-][0-9A-Za-z-]*)`
const pattern = new RegExp(
  `^${number}\\.${number}\\.${number}(?:-${identifier}(?:\\.${identifier})*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
)

/** Whether a value is a version as Semantic Versioning 2 writes it, such as `1.2.0` or `2.0.0-rc.1`. */
export function isSemanticVersion(value: unknown): value is string {
  return typeof value === 'string' && value.length <= charactersMax && pattern.test(value)
}

const charactersMax = 256
