// What an operator sees of a running program, agent and coordinator alike: the machine, certificates, checks; and the
// calls of an agent's operator.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'

const closed = { additionalProperties: false } as const
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)
/** RFC 3339 in UTC */
export const Time = Type.String({ description: 'RFC 3339, UTC' })
export const TimeOrNone = Type.String({ description: 'RFC 3339, UTC; empty where it has not happened' })
export const Amount = Type.Number({ minimum: 0 })
export const Bytes = Type.Integer({ minimum: 0, description: 'bytes' })

const CERTIFICATE_STATES = ['good', 'renewal-due', 'ends-soon', 'expired', 'revoked'] as const
export type CertificateState = (typeof CERTIFICATE_STATES)[number]

/** One certificate: which, and how long it holds. */
export const Certificate = Type.Object(
  {
    holder: Type.String({ description: "a party, or 'coordinator'" }),
    what: Type.Enum(['root', 'server', 'agent']),
    serial: Type.String({ description: 'upper-case hex' }),
    validFrom: Time,
    validTo: Time,
    renewsItself: Type.Boolean({ description: 'at two thirds of its life, by the program that has it' }),
    renewsAt: TimeOrNone,
    state: Type.Enum([...CERTIFICATE_STATES]),
  },
  closed,
)
export type Certificate = Static<typeof Certificate>

/** What the process uses, at one time. */
export const Sample = Type.Object(
  {
    at: Time,
    cpu: Type.Number({ minimum: 0, description: 'cores in use, of this process' }),
    memory: Bytes,
    loopDelayMs: Type.Number({ minimum: 0, description: '99th percentile of the delay of the event loop' }),
  },
  closed,
)
export type Sample = Static<typeof Sample>

export const Machine = Type.Object(
  {
    software: Type.String(),
    node: Type.String(),
    startedAt: Time,
    uptimeSeconds: Amount,
    cores: Type.Integer({ minimum: 1 }),
    load: Type.Array(Amount, { minItems: 3, maxItems: 3, description: 'of the machine over 1, 5, 15 minutes' }),
    memory: Type.Object(
      { process: Bytes, heap: Bytes, machine: Bytes, free: Bytes },
      { ...closed, description: 'resident, heap in use, installed, free' },
    ),
    disk: Type.Object({ total: Bytes, free: Bytes }, { ...closed, description: 'where the home is' }),
    now: Sample,
    samples: Type.Array(Sample, { maxItems: 720, description: 'oldest first' }),
    sampleSeconds: Type.Integer({ minimum: 1 }),
  },
  closed,
)
export type Machine = Static<typeof Machine>

/** One precondition, in the manner of `tributary doctor`. */
export const Check = Type.Object(
  { check: Type.String(), title: Words, state: Type.Enum(['green', 'red']), found: Words, mend: Type.Optional(Words) },
  closed,
)
export type Check = Static<typeof Check>

const AgentOperation = Type.Object(
  {
    coordinator: Type.Object(
      {
        address: Type.String({ description: 'host:port' }),
        connected: Type.Boolean(),
        since: TimeOrNone,
        software: Type.String({ description: 'of this agent' }),
      },
      closed,
    ),
    certificates: Type.Array(Certificate),
    trustEdition: Type.Integer({ minimum: 0 }),
    machine: Machine,
    jobs: Type.Object(
      {
        open: Type.Array(Type.Object({ job: Type.String(), state: Type.String(), name: Type.String() }, closed), {
          maxItems: 200,
        }),
        kept: Type.Integer({ minimum: 0, description: 'folders of jobs on disk' }),
        damaged: Type.Integer({ minimum: 0, description: 'that could not be loaded' }),
      },
      closed,
    ),
    mail: Type.Object(
      { messages: Type.Integer({ minimum: 0 }), bytes: Bytes },
      { ...closed, description: 'sent and not acknowledged by their receivers' },
    ),
    workers: Type.Object({ threads: Type.Integer({ minimum: 0 }) }, closed),
  },
  closed,
)
export type AgentOperation = Static<typeof AgentOperation>

export const operationCalls = calls({
  operation: {
    method: 'GET',
    path: '/operation',
    summary: 'Connection, certificates, disk, backlog and running jobs of this agent',
    who: ['operator', 'auditor'],
    reply: AgentOperation,
  },
})
