// Where the wire contract lies: every .proto file of tributary/v1 belongs to it.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** the folder that imports in .proto files are relative to */
export const PROTO_ROOT = import.meta.dirname
export const PROTO_PACKAGE = 'tributary/v1'

/** Paths of all .proto files relative to PROTO_ROOT, sorted, such as tributary/v1/link.proto. */
export function protoFiles(): string[] {
  return readdirSync(join(PROTO_ROOT, PROTO_PACKAGE))
    .filter((name) => name.endsWith('.proto'))
    .sort()
    .map((name) => `${PROTO_PACKAGE}/${name}`)
}
