import type { Place, SyntaxNode } from '../expression/syntax-node.ts'
import type { ValuePath } from './inference.ts'
import type { FieldRead } from './read.ts'
import type { Type } from './type.ts'

/** What a chain as `input.files[0].name` is up to one of its links. */
export interface Link {
  /** Of what is there. */
  readonly type: Type
  /** The same where no condition has proved anything. */
  readonly wide: Type
  readonly path?: ValuePath | undefined
  /** A problem of it has been told, so that nothing more is. */
  readonly isTold: boolean
  /** It is a part of what nothing is known of, which has been told. */
  readonly isUntyped?: boolean
  /** Whether it certainly is there, or certainly not. */
  readonly isThere: boolean | undefined
}

/** A field or an element that is read of the link before. */
export interface LinkRead {
  readonly node: SyntaxNode & { op: '.' | '[]' }
  readonly base: Link
  /** Of the name or the index in the text. */
  readonly place: Place
  /** What is read, where it is constant. */
  readonly key: string | number | undefined
  read(type: Type): FieldRead
}
