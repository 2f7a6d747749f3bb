import { expect, test } from 'vitest'
import { refusalOf } from './sql-text.ts'

test.for([
  'SELECT 1',
  'select 1;',
  "INSERT INTO t VALUES ('COMMIT; ROLLBACK', $1) -- ; COMMIT",
  'SELECT $x$ ; COMMIT $x$, $$;$$',
  "SELECT E'it\\'s; COMMIT'",
  'SELECT /* ; COMMIT */ 1',
  'PREPARE x AS SELECT 1',
  'SELECT * FROM public.runs, my_segno.runs, segno.mine',
  "SELECT 'segno.runs'",
])('%s may run in a step', (text) => {
  expect(refusalOf(text, 'segno')).toBeUndefined()
})

test.for([
  ['', 'no statement'],
  [' ; -- nothing', 'no statement'],
  ['SELECT 1; SELECT 2', 'several statements'],
  ["SELECT 'a' ; COMMIT", 'several statements'],
  ['COMMIT', 'COMMIT'],
  ['(  rollback to x', 'ROLLBACK'],
  ['/* a */ -- b\n begin', 'BEGIN'],
  ['start transaction', 'START'],
  ['release x', 'RELEASE'],
  ["PREPARE TRANSACTION 'x'", 'PREPARE TRANSACTION'],
  ['DELETE FROM segno.runs', 'table of the store'],
  ['DELETE FROM "segno" . "journal"', 'table of the store'],
  ['delete from SEGNO.Inbox', 'table of the store'],
] as const)('%s may not: %s', ([text, reason]) => {
  expect(refusalOf(text, 'segno')).toContain(reason)
})

test('a schema whose name is quoted is known by it', () => {
  expect(refusalOf('SELECT * FROM "My ""Schema""".runs', 'My "Schema"')).toContain('table of the store')
  expect(refusalOf('SELECT * FROM "My".runs', 'My "Schema"')).toBeUndefined()
})
