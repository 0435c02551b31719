// What Lua's C library asks of a system. There is none: no files, no environment, no processes; memory grows,
// and a clock runs.

const NOT_SUPPORTED = 52

type SystemCall = (a: number, b: number, c: number) => number | void

export function systemImports(
  memory: () => WebAssembly.Memory,
  measure: () => number,
): Record<string, SystemCall> {
  const refuse = () => -NOT_SUPPORTED
  const refuseFile = () => NOT_SUPPORTED
  const nothing = () => 0
  return {
    exit: () => {
      throw new Error('Lua ended itself')
    },
    emscripten_memcpy_js: (target, source, length) => {
      const bytes = new Uint8Array(memory().buffer)
      bytes.copyWithin(target >>> 0, source >>> 0, (source >>> 0) + (length >>> 0))
    },
    emscripten_resize_heap: (wanted) => grow(memory(), wanted >>> 0),
    emscripten_date_now: () => measure() / 1000,
    _emscripten_get_now_is_monotonic: () => 1,
    _emscripten_system: nothing,
    _tzset_js: nothing,
    _mktime_js: nothing,
    _localtime_js: nothing,
    _gmtime_js: nothing,
    strftime: nothing,
    environ_sizes_get: (count, size) => {
      const view = new DataView(memory().buffer)
      view.setUint32(count >>> 0, 0, true)
      view.setUint32(size >>> 0, 0, true)
      return 0
    },
    environ_get: nothing,
    fd_write: refuseFile,
    fd_read: refuseFile,
    fd_close: refuseFile,
    fd_seek: refuseFile,
    __syscall_openat: refuse,
    __syscall_fcntl64: refuse,
    __syscall_ioctl: refuse,
    __syscall_dup3: refuse,
    __syscall_unlinkat: refuse,
    __syscall_rmdir: refuse,
    __syscall_renameat: refuse,
    __syscall_readlinkat: refuse,
  }
}

/** In steps of at least 1 MB; whether there was room. */
function grow(memory: WebAssembly.Memory, wantedBytes: number): number {
  const pages = Math.ceil((wantedBytes - memory.buffer.byteLength) / 65536)
  try {
    memory.grow(Math.max(pages, 16))
    return 1
  } catch {
    return 0
  }
}
