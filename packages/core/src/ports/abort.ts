/** Why a handler is told to stop: the `reason` of its abort signal has this as `code`. */
export type AbortCode = 'CANCELLED' | 'TIMED_OUT' | 'LEASE_LOST' | 'STOPPING'
