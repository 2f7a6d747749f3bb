// needs 18
export function greeting(name) {
  return `Hello ${name}`
}
