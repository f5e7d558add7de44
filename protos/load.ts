// Loads the .proto files: services for gRPC, and single messages as codecs. Generated types are in gen/.
// Field names are as written in the .proto files (snake_case), 64-bit integers are numbers, enums are strings.
import { join } from 'node:path'
import { loadPackageDefinition } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import protobuf from 'protobufjs'
import { PlatformError } from '#runtime/errors.ts'
import { PROTO_ROOT, protoFiles } from './files.ts'
import type { AllProtos } from './gen/all.ts'

const SHAPE = { longs: Number, enums: String, defaults: true, oneofs: true } as const

/** A message by itself, outside a gRPC call. `T` is the `…__Output` type of gen/. */
export interface MessageType<T> {
  /** @throws PlatformError protocol.malformed for a value that is not of the type: a fault of the caller */
  encode(value: T): Uint8Array
  /** Bytes fields are views of `bytes`, not copies. @throws PlatformError protocol.malformed */
  decode(bytes: Uint8Array): T
}

let root: protobuf.Root | undefined
let services: AllProtos | undefined

/** Service definitions and client constructors of the whole contract: `loadService().tributary.v1.AgentLink`. */
export function loadService(): AllProtos {
  services ??= loadPackageDefinition(
    loadSync(protoFiles(), { keepCase: true, ...SHAPE, includeDirs: [PROTO_ROOT] }),
  ) as unknown as AllProtos
  return services
}

/** @param fullName such as tributary.v1.Envelope */
export function messageType<T>(fullName: string): MessageType<T> {
  const type = loadRoot().lookupType(fullName)
  const check = checkerOf(type, new Map())
  const malformed = (problem: string, cause?: unknown) =>
    new PlatformError('protocol.malformed', { message: fullName, problem }, cause)
  return {
    encode(value) {
      check(value, malformed)
      const message = type.fromObject(value as Fields)
      const problem = type.verify(message)
      if (problem !== null) throw malformed(problem)
      return type.encode(message).finish()
    },
    decode(bytes) {
      let message: protobuf.Message
      try {
        message = type.decode(bytes)
      } catch (cause) {
        throw malformed(`${bytes.length} bytes do not decode`, cause)
      }
      check(message, malformed)
      return type.toObject(message, SHAPE) as T
    },
  }
}

type Fields = Record<string, unknown>
type Check = (value: unknown, malformed: (problem: string) => PlatformError) => void
const CHECKED_AS_LONG = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64'])

/** protobufjs lets unknown enum values and 64-bit integers beyond 2^53 through; this finds them. */
function checkerOf(type: protobuf.Type, known: Map<protobuf.Type, Check>): Check {
  const before = known.get(type)
  if (before !== undefined) return before
  const checks: [string, Check][] = []
  const whole: Check = (fields, malformed) => {
    for (const [name, check] of checks) {
      const value = (fields as Fields)[name]
      if (value === undefined || value === null) continue
      if (Array.isArray(value)) for (const item of value) check(item, malformed)
      else check(value, malformed)
    }
  }
  known.set(type, whole)
  for (const field of type.fieldsArray) {
    if (field.map) continue
    const name = field.resolve().name
    const kind = field.resolvedType
    if (kind instanceof protobuf.Type) checks.push([name, checkerOf(kind, known)])
    else if (kind instanceof protobuf.Enum) {
      checks.push([
        name,
        (value, malformed) => {
          if (!Object.hasOwn(typeof value === 'number' ? kind.valuesById : kind.values, String(value)))
            throw malformed(`${name} has an unknown enum value`)
        },
      ])
    } else if (CHECKED_AS_LONG.has(field.type)) {
      checks.push([
        name,
        (value, malformed) => {
          if (!Number.isSafeInteger(Number(value))) throw malformed(`${name} is not a whole number below 2^53`)
        },
      ])
    }
  }
  return whole
}

function loadRoot(): protobuf.Root {
  if (root !== undefined) return root
  const loading = new protobuf.Root()
  loading.resolvePath = (_, target) => join(PROTO_ROOT, target)
  root = loading.loadSync(protoFiles(), { keepCase: true })
  root.resolveAll()
  return root
}
