// The list of what is wrong in the files on purpose: what monitoring must find, and what only the oracle may say.
import { monthText } from './calendar.ts'
import type { FederationPlan } from './plan.ts'
import { FIRST_OUT_OF_TIME_MONTH } from './world.ts'

export interface PlantedDefect {
  readonly party: string
  /** of the feature table; empty where the whole federation is meant */
  readonly column: string
  readonly from: string
  readonly to: string
  readonly what: string
  readonly foundBy: string
}

const LAST = monthText(23)

export function plantedDefects({ world }: FederationPlan): readonly PlantedDefect[] {
  const defects: PlantedDefect[] = []
  if (world.defects) {
    defects.push(
      {
        party: 'park-b',
        column: 'k_elec',
        from: monthText(18),
        to: LAST,
        what: 'electricity in millions of kWh instead of thousands: a factor of 0.001',
        foundBy: 'stability of the column at this park (8.3 in the reference); pooled over the parks it is 0.18 only',
      },
      {
        party: 'social',
        column: 's_arr',
        from: monthText(4),
        to: monthText(14),
        what: 'contributions may be deferred: 35 % of firms have three more months of arrears, which mean nothing',
        foundBy: 'stability of the column between months with and without the policy (0.70 in the reference)',
      },
    )
  }
  if (world.scenario !== 'none') {
    defects.push({
      party: 'property',
      column: '',
      from: monthText(12),
      to: LAST,
      what: 'property protects less from month to month: its weight falls by a third',
      foundBy: 'bad rates by month against the predicted ones; the stability of the score hardly moves',
    })
  }
  if (world.scenario === 'severe') {
    const from = monthText(FIRST_OUT_OF_TIME_MONTH)
    defects.push(
      {
        party: 'bank',
        column: '',
        from,
        to: LAST,
        what: 'cash flow, sales and workforce of every firm fall by half a standard deviation',
        foundBy: 'stability of the score above 0.25',
      },
      {
        party: 'bank',
        column: '',
        from,
        to: LAST,
        what: '60 % micro loans',
        foundBy: 'the mix of products by month',
      },
      {
        party: 'tax',
        column: '',
        from,
        to: LAST,
        what: '30 % of firms unknown',
        foundBy: 'share of rows without a match',
      },
      {
        party: 'bank',
        column: 'y',
        from,
        to: LAST,
        what: 'the economy weighs three times',
        foundBy: 'bad rates by month',
      },
    )
  }
  return defects
}
