// The models of this party by name and version, each with what it was made from and what was made with it.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'
import { PAGE_QUERY, Page } from './paging.ts'
import { JobId } from './ids.ts'
import { listOf } from './tables.ts'

const closed = { additionalProperties: false } as const
const MODEL_READERS = ['modeler', 'auditor'] as const

const Name = Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$' })

export const ModelLine = Type.Object(
  {
    name: Name,
    /** the newest */
    version: Type.Integer(),
    job: JobId,
    registeredAt: Type.String({ description: 'RFC 3339 UTC' }),
    digest: Type.String(),
  },
  closed,
)
export type ModelLine = Static<typeof ModelLine>

export const ModelVersion = Type.Object(
  {
    name: Name,
    version: Type.Integer(),
    job: JobId,
    /** of the job; empty where its folder is gone */
    jobName: Type.String(),
    registeredAt: Type.String({ description: 'RFC 3339 UTC' }),
    digest: Type.String({ description: 'SHA-256 over job, specification and all parts: the same at every party' }),
    /** newest: no later version; changed: the part kept here is not the one in the log */
    state: Type.Enum(['newest', 'replaced', 'changed']),
    purpose: Type.String(),
    parties: listOf(
      Type.Object(
        {
          party: Type.String(),
          dataset: Type.String(),
          columns: Type.Union([listOf(Type.String()), Type.Literal('all')]),
          approval: Type.String({
            description: 'digest of the approval it took part under; empty where none was needed',
          }),
          parts: listOf(
            Type.Object({ model: Type.Enum(['regression', 'trees', 'average']), sha256: Type.String() }, closed),
          ),
        },
        closed,
      ),
    ),
    parameters: listOf(Type.Object({ setting: Type.String(), value: Type.String() }, closed)),
    measures: listOf(Type.Object({ name: Type.String(), value: Type.String() }, closed)),
    /** the earlier job whose results it took over */
    reused: Type.Optional(JobId),
    /** jobs of this party that scored rows with it */
    scoredBy: listOf(Type.Object({ job: JobId, name: Type.String(), state: Type.String() }, closed)),
    log: Type.Object({ collaboration: Type.String(), size: Type.Integer() }, closed),
    software: Type.String(),
  },
  closed,
)
export type ModelVersion = Static<typeof ModelVersion>

export const modelCalls = calls({
  models: {
    method: 'GET',
    path: '/models',
    summary: 'Models that are registered here, the newest version of each',
    who: MODEL_READERS,
    query: Type.Object(PAGE_QUERY, closed),
    reply: Page(ModelLine),
  },
  model: {
    method: 'GET',
    path: '/models/:name',
    summary: 'Versions of a model, the newest first, and where each comes from',
    who: MODEL_READERS,
    params: Type.Object({ name: Name }, closed),
    reply: Type.Object({ name: Name, versions: listOf(ModelVersion) }, closed),
  },
  registerModel: {
    method: 'POST',
    path: '/models',
    summary: 'Make the model of a job the next version of a name',
    who: ['modeler'],
    body: Type.Object({ name: Name, job: JobId }, closed),
    reply: ModelLine,
  },
})
