/** A copy of a value that lacks a field. */
export function without<Value extends object, Field extends keyof Value>(
  value: Value,
  field: Field,
): Omit<Value, Field> {
  const copy = { ...value }
  Reflect.deleteProperty(copy, field)
  return copy
}
