/** A property of a port, phrased so that a failing one reads as a sentence. */
export interface Law<Port> {
  readonly name: string
  /** Given a fresh port, throws where the law is broken. */
  holds(port: Port): Promise<void>
}
