/** How long something took, as people read it: `3ms`, `12.4s`, `2m04s`, `1h02m`. */
export function took(ms: number): string {
  const rest = Math.max(0, Math.round(ms))
  if (rest < 1000) return `${rest}ms`
  if (rest < 59_950) return `${(rest / 1000).toFixed(1)}s`
  const seconds = Math.round(rest / 1000)
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`
  const minutes = Math.round(seconds / 60)
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`
}

/** How long ago something was, as people say it: `3s ago`, `2m ago`, `1h ago`, `4d ago`. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds}s ago`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes}m ago`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h ago` : `${Math.floor(hours / 24)}d ago`
}

/** The time of day on this machine, as `12:04:31.120`. */
export function clockTime(at: number): string {
  const date = new Date(at)
  const [hours, minutes, seconds] = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two)
  return `${hours}:${minutes}:${seconds}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

/** The day and the time on this machine, as `2026-03-01 12:04:31`. */
export function dateTime(at: number): string {
  const date = new Date(at)
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  return `${day} ${clockTime(at).slice(0, 'hh:mm:ss'.length)}`
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
