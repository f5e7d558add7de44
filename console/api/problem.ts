// How a refusal is told: RFC 9457 (application/problem+json) with the code of the error catalogue, in both languages.
import Type, { type Static } from 'typebox'

const closed = { additionalProperties: false } as const
const Words = Type.Object({ en: Type.String(), zh: Type.String() }, closed)

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'urn:tributary:error:<code>' }),
    status: Type.Integer(),
    title: Type.String({ description: 'what happened, in English' }),
    code: Type.String({ description: 'of the error catalogue, docs/errors.md' }),
    who: Type.String({ description: 'who must act' }),
    summary: Words,
    mend: Words,
    detail: Type.Record(Type.String(), Type.Unknown(), {
      description: 'facts: names, sizes, what was expected and got',
    }),
  },
  closed,
)
export type Problem = Static<typeof Problem>
export const PROBLEM_TYPE = 'application/problem+json'
