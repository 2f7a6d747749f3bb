import fc from 'fast-check'

/** Texts that mean something to SQL, to files, to JavaScript and to those who put texts together. */
export const nastyTexts: readonly string[] = [
  ...[
    "'",
    "''",
    '"',
    '""',
    '\\',
    "\\'",
    '`',
    ';',
    '--',
    '/*',
    '*/',
    '$1',
    '$$',
    '$x$',
    '?',
    ':a',
    '@a',
    '%',
    '_',
    '%%',
  ],
  "'; DROP TABLE segno_runs; --",
  '"; DROP SCHEMA segno CASCADE; --',
  "' OR '1'='1",
  "x') RETURNING (SELECT 1); --",
  '$$; DROP SCHEMA public CASCADE; --',
  ...['../../etc/passwd', '/', '.', '..', 'a/b', 'a\\b', 'CON', '~', '-rf', '--help'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'],
  ...['null', 'NULL', 'undefined', 'true', '0', '-0', '1e999', '{}', '[]', '{"a":1}', '${{ run.id }}', '$(id)', '`id`'],
  ...['a\0b', '\u0000', '\n', '\r\n', '\t', '\u001b[2J', '\u202eabc', '\ufeff', '\u{1f600}', 'é', 'e\u0301', 'ß', 'SS'],
  ...['\ud800', '\udc00', 'a\ud800b'],
  'x'.repeat(256),
]

/** One of them, some of them in a row, or any text. */
export const nasty: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...nastyTexts) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...nastyTexts), { maxLength: 4 }).map((parts) => parts.join('').slice(0, 256)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
)
