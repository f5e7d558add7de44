// What the doctor finds at an agent: each check green, red or skipped, with what mends it.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'

const closed = { additionalProperties: false } as const
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)

export const Health = Type.Object(
  {
    ok: Type.Boolean({ description: 'no check is red and none was skipped' }),
    withData: Type.Boolean(),
    at: Type.String(),
    checks: Type.Array(
      Type.Object(
        {
          check: Type.String(),
          title: Words,
          state: Type.Enum(['green', 'red', 'skipped']),
          found: Words,
          mend: Type.Optional(Words),
        },
        closed,
      ),
    ),
  },
  closed,
)
export type Health = Static<typeof Health>

export const healthCalls = calls({
  health: {
    method: 'POST',
    path: '/health/checks',
    summary: 'Examine this agent as `tributary doctor` does',
    who: ['steward', 'compliance', 'operator', 'auditor'],
    body: Type.Object({ data: Type.Boolean({ description: 'also read every data set whole' }) }, closed),
    reply: Health,
  },
})
