/** The bytes of a file in any of the forms that a page has it in. */
export async function toBytes(file: Uint8Array | ArrayBuffer | Blob): Promise<Uint8Array> {
  if (file instanceof Uint8Array) return file
  return new Uint8Array(file instanceof ArrayBuffer ? file : await file.arrayBuffer())
}
