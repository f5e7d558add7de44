// The schedules of the protocol: who says what to whom, in wire order, and what that reveals.
import { termsCodec, termsSteps } from '#protocols/core/agreement.ts'
import { messageCodec, refuseUnless, refuseUnlessAlias } from '#protocols/core/codec.ts'
import { step } from '#protocols/core/schedule.ts'
import { PROFILE_STATISTICS, type ProfileStatistic } from '#credit/profile.ts'
import type { ProfileColumns__Output } from '#protos/gen/tributary/v1/ProfileColumns.ts'
import { LEAST_ROWS, MAX_COLUMNS, type ProfiledColumn } from './params.ts'

const MAX_TEXT = 120

const terms = termsCodec('tributary.v1.ProfileTerms', 64)

const profiles = messageCodec<ProfileColumns__Output, readonly ProfiledColumn[]>(
  'tributary.v1.ProfileColumns',
  (body) => ({
    columns: body.map(({ alias, zh, en, sign, n, statistics }) => {
      return { alias, zh, en, sign, rows: n, statistics: { ...statistics } as Record<string, number> }
    }),
  }),
  ({ columns }) => {
    refuseUnless(columns.length >= 1 && columns.length <= MAX_COLUMNS, `1 to ${MAX_COLUMNS} columns`)
    refuseUnless(new Set(columns.map(({ alias }) => alias)).size === columns.length, 'an alias once')
    return columns.map(({ alias, zh, en, sign, rows, statistics }) => {
      refuseUnlessAlias(alias)
      refuseUnless(zh.length <= MAX_TEXT && en.length <= MAX_TEXT, `names of at most ${MAX_TEXT} letters`)
      refuseUnless(sign >= -1 && sign <= 1, 'a sign of −1, 0 or 1')
      for (const [name, value] of Object.entries(statistics))
        refuseUnless(
          PROFILE_STATISTICS.includes(name as ProfileStatistic) && Number.isFinite(value),
          'known statistics',
        )
      return { alias, zh, en, sign: sign as -1 | 0 | 1, n: Number(rows), statistics }
    })
  },
)

/** Round 0. */
export const SETUP = [...termsSteps(terms, 'the parameters of the profiles')] as const

/** Round 1. */
export const TELLING = [
  step({
    name: 'profiles',
    from: 'host',
    to: 'guest',
    kind: 'released-aggregate',
    arity: 'one',
    codec: profiles,
    reveals:
      "of each of the host's columns, by alias, over its whole data set: name and expected sign as the host declares them, shares of missing, zero, special and most frequent values, number of distinct values, mean, deviation and quantiles, each rounded to three digits and left out where too few rows stand behind it",
    release: {
      what: { en: 'profiles of columns', zh: '各列的数据概况' },
      minimumRows: LEAST_ROWS,
      digits: 3,
    },
  }),
] as const
