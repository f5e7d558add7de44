// The raw tables of every kind of party.
import type { SynthParty } from '../tables/table.ts'
import { BANK_RAW } from './bank.ts'
import { BEHAVIOUR } from './behaviour.ts'
import { PARKS_RAW } from './parks.ts'
import { PROPERTY_RAW } from './property.ts'
import type { RawTable } from './raw-table.ts'
import { SOCIAL_RAW } from './social.ts'
import { TAX_RAW } from './tax.ts'

export const RAW_TABLES: Readonly<Record<SynthParty, readonly RawTable[]>> = {
  bank: [...BANK_RAW, BEHAVIOUR.bank],
  tax: [...TAX_RAW, BEHAVIOUR.tax],
  social: [...SOCIAL_RAW, BEHAVIOUR.social],
  property: [...PROPERTY_RAW, BEHAVIOUR.property],
  parks: [...PARKS_RAW, BEHAVIOUR.parks],
}
