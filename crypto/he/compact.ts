// What goes to a worker, in buffers of its own.

/**
 * A view that is its whole buffer: posting a view to a worker would copy all of the buffer behind it. What comes out of a
 * message is a Buffer over all of that message, and the `slice` of a Buffer is such a view too.
 */
export function compact<V extends Uint8Array | Int32Array>(view: V): V {
  const whole = view.buffer instanceof SharedArrayBuffer || view.byteLength === view.buffer.byteLength
  if (whole) return view
  return (view instanceof Int32Array ? view.slice() : new Uint8Array(view)) as V
}
