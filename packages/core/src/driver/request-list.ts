import { grown } from '../kernel/grown.ts'
import type { DriverRequest } from './protocol.ts'

/** What a driver asks for, until its shell takes it. */
export class RequestList {
  #requests: DriverRequest[] = []

  push(request: DriverRequest): void {
    this.#requests = grown(this.#requests, request)
  }

  take(): readonly DriverRequest[] {
    const requests = this.#requests
    this.#requests = []
    return requests
  }
}
