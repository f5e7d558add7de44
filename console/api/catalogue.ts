// Who is in the federation and what each party offers: names and shapes, never a value. Of the party's own data sets also
// what it declares of their columns.
import Type, { type Static } from 'typebox'
import { calls } from './contract.ts'

const closed = { additionalProperties: false } as const
const Name = Type.String({ maxLength: 128 })

const OfferedColumn = Type.Object(
  {
    name: Name,
    alias: Type.Optional(Type.String({ description: 'what others may call it; where this party declares one' })),
    title: Type.Optional(Type.Object({ en: Type.Optional(Type.String()), zh: Type.Optional(Type.String()) }, closed)),
    unit: Type.Optional(Type.String()),
    sign: Type.Optional(
      Type.Enum(['+', '-', '0'], { description: '+ a larger value is riskier, - a smaller one is, 0 neither' }),
    ),
  },
  closed,
)
export type OfferedColumn = Static<typeof OfferedColumn>

const OfferedData = Type.Object(
  {
    name: Name,
    ids: Type.Array(Type.String(), { description: 'kinds of ids' }),
    rows: Type.Integer({ minimum: 0, description: 'rounded down to a hundred' }),
    columns: Type.Array(OfferedColumn),
    label: Type.Optional(Type.String({ description: 'column with the label' })),
  },
  closed,
)
export type OfferedData = Static<typeof OfferedData>

const OfferingParty = Type.Object(
  {
    party: Name,
    isOwn: Type.Boolean(),
    connected: Type.Boolean(),
    software: Type.String({ description: 'empty for a party that was never connected' }),
    data: Type.Array(OfferedData),
  },
  closed,
)
export type OfferingParty = Static<typeof OfferingParty>

export const Catalogue = Type.Object({ federation: Type.String(), parties: Type.Array(OfferingParty) }, closed)
export type Catalogue = Static<typeof Catalogue>

export const catalogueCalls = calls({
  catalogue: {
    method: 'GET',
    path: '/catalogue',
    summary: 'The parties, who is connected, and the data sets that each offers',
    who: 'signed-in',
    reply: Catalogue,
  },
})
