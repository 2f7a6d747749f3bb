import { describe, expect, test } from 'vitest'
import { StorageFault } from '../ports/storage-fault.ts'
import { expectEqual, expectFault, expectThat, LawBroken } from './expectation.ts'

describe('an expectation of a law', () => {
  test('says where two values part', () => {
    const [actual, expected] = [{ events: [{ seq: 1 }, { seq: 2 }] }, { events: [{ seq: 1 }, { seq: 3 }] }]
    expect(() => expectEqual(actual, expected, 'the run')).toThrow(
      new LawBroken('the run: at ["events"]["1"]["seq"] expected 3, got 2'),
    )
  })

  test.for<[unknown, unknown, string]>([
    [1, 2, 'x: expected 2, got 1'],
    [[1], [1, 2], 'x: at ["1"] expected 2, got undefined'],
    [[1, 2], [1], 'x: at ["1"] expected nothing, got 2'],
    [{ a: 1 }, {}, 'x: at ["a"] expected nothing, got 1'],
    [{}, [], 'x: expected [], got {}'],
    [null, {}, 'x: expected {}, got null'],
    [{}, JSON.parse('{"__proto__":1}'), 'x: at ["__proto__"] expected 1, got undefined'],
    [{}, { constructor: 1 }, 'x: at ["constructor"] expected 1, got undefined'],
    ['y'.repeat(300), '', `x: expected "", got "${'y'.repeat(199)}… (302 characters)`],
  ])('tells %j from %j', ([actual, expected, message]) => {
    expect(() => expectEqual(actual, expected, 'x')).toThrow(new LawBroken(message))
  })

  test.for<[unknown, unknown]>([
    [{ a: 1, b: undefined }, { a: 1 }],
    [{ a: 1 }, { a: 1, b: undefined }],
    [-0, 0],
    [{ a: [{ b: null }] }, { a: [{ b: null }] }],
  ])('takes %j for %j', ([actual, expected]) => {
    expect(() => expectEqual(actual, expected, 'x')).not.toThrow()
  })

  test('throws the claim that does not hold', () => {
    expect(() => expectThat(false, 'there is a run')).toThrow(new LawBroken('there is a run'))
    expect(() => expectThat(true, 'there is a run')).not.toThrow()
  })

  test('wants a fault of that code that wrote nothing', async () => {
    const fault = (ambiguous: boolean) => Promise.reject(new StorageFault('BATCH_INVALID', 'wrong', { ambiguous }))
    await expectFault(fault(false), 'BATCH_INVALID', 'x')
    await expect(expectFault(fault(true), 'BATCH_INVALID', 'x')).rejects.toThrow(
      'x: at ["ambiguous"] expected false, got true',
    )
    await expect(expectFault(fault(false), 'BATCH_REUSED', 'x')).rejects.toThrow(LawBroken)
    await expect(expectFault(Promise.reject(new Error('other')), 'BATCH_REUSED', 'x')).rejects.toThrow(
      'got "Error: other"',
    )
    await expect(expectFault(Promise.resolve(), 'BATCH_REUSED', 'x')).rejects.toThrow('but it was accepted')
  })
})
