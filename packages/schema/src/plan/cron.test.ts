import { describe, expect, test } from 'vitest'
import { isCron, isTimezone } from './cron.ts'

describe('a schedule', () => {
  test.for([
    '* * * * *',
    '0 6 * * 1-5',
    '  0   6 * *  1  ',
    '*/5 * * * *',
    '0-59/10 * * * *',
    '0,15,30,45 0-6,22-23 * * *',
    '59 23 31 12 7',
    '0 0 1 1 0',
    '00 06 01 01 *',
    '0 0 * JAN,mar-Jun Mon-FRI',
    '0 0 * * sun',
    '0 0 * * 5-7',
    '0 0 */2 1-12/3 0,7',
  ])('may be "%s"', (text) => {
    expect(isCron(text)).toBe(true)
  })

  test.for([
    '',
    '* * * *',
    '* * * * * *',
    '@daily',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * 32 * *',
    '* * * 0 *',
    '* * * 13 *',
    '* * * * 8',
    '-1 * * * *',
    '1.5 * * * *',
    '5-1 * * * *',
    '0 0 * * fri-mon',
    '*/0 * * * *',
    '*/x * * * *',
    '*/ * * * *',
    '*/5/5 * * * *',
    '5/5 * * * *',
    '1,,2 * * * *',
    ', * * * *',
    '1- * * * *',
    '1-2-3 * * * *',
    '*-5 * * * *',
    '0 0 * mon *',
    '0 0 * * jan',
    '0 0 L * *',
    '0 0 ? * *',
    '100 * * * *',
  ])('cannot be "%s"', (text) => {
    expect(isCron(text)).toBe(false)
  })
})

describe('a time zone', () => {
  test.for(['UTC', 'Europe/Berlin', 'america/new_york'])('may be "%s"', (name) => {
    expect(isTimezone(name)).toBe(true)
  })

  test.for(['', 'Mars', 'Europe/Berlni', 'Europe Berlin', '../UTC'])('cannot be "%s"', (name) => {
    expect(isTimezone(name)).toBe(false)
  })
})
