/**
 * Free the memory of arrays that are not read again, at once: the garbage collector is told of memory outside its heap,
 * but lets tens of megabytes of it gather in each thread. An array that shares its buffer stays as it is.
 */
export function discard(...arrays: readonly ArrayBufferView[]): void {
  for (const { buffer, byteLength } of arrays) {
    if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
  }
}
