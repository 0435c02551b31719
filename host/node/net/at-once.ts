// Reading and writing sockets without the event loop, which stands still while a script runs. Node's sockets
// do not block, so the kernel answers at once. What is read here is simply not there any more when the event
// loop looks; the end of a connection stays for it to see.

import { readSync, writeSync } from 'node:fs'

/** What has arrived, into the buffer; 0 at the end of the connection, -1 when there is nothing yet. */
export function readAtOnce(fd: number, into: Uint8Array): number {
  try {
    return readSync(fd, into)
  } catch (error) {
    return isLater(error) ? -1 : 0
  }
}

/** How many of the bytes the kernel takes; 0 when it takes none, -1 when the connection is gone. */
export function writeAtOnce(fd: number, bytes: Uint8Array): number {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    return isLater(error) ? 0 : -1
  }
}

function isLater(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'EAGAIN' || code === 'EINTR'
}
