// As much of the types of packages that bring none, or none that is found, as the tests need.

declare module 'express' {
  import type { RequestListener } from 'node:http'
  interface Request {
    session: unknown
  }
  interface Response {
    json(value: unknown): void
  }
  type Handler = (request: Request, response: Response, next: () => void) => void
  interface Application extends RequestListener {
    use(handler: Handler): void
    get(path: string, handler: Handler): void
  }
  export default function express(): Application
}

declare module 'express-session' {
  import type { Handler } from 'express'
  export default function session(options: Record<string, unknown>): Handler
  export type Store = object
  export interface SessionData {
    cookie: unknown
  }
}

declare module 'redlock' {
  interface Lock {
    extend(ms: number): Promise<Lock>
    release(): Promise<unknown>
  }
  export default class Redlock {
    constructor(clients: unknown[], settings?: Record<string, number>)
    acquire(resources: string[], ms: number): Promise<Lock>
    using<T>(resources: string[], ms: number, work: () => Promise<T>): Promise<T>
  }
}
