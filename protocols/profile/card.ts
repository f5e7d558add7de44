// The who-learns-what card of the feature profiles.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { SETUP, TELLING } from './messages.ts'
import { PROFILE_VERSION } from './params.ts'

export const CARD = makeCard({
  protocol: 'profile',
  version: PROFILE_VERSION,
  title: { en: 'profiles of columns', zh: '数据概况（EDA）' },
  schedules: { SETUP, TELLING },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'the guest', zh: '发起方' },
      knows: {
        en: "knows what each host's columns look like over the host's whole data set: rounded shares, moments and quantiles, each with at least the asked number of rows behind it; never a smallest or largest value, and nothing of any row.",
        zh: '知道数据方各列在其全部数据上的概况：取整后的占比、均值、标准差与分位数，每个数背后至少有要求的行数；没有最小值、最大值，也没有任何一行的信息。',
      },
    },
    {
      who: { en: 'a host', zh: '数据方' },
      knows: {
        en: 'learns nothing of the guest or of other hosts.',
        zh: '对发起方与其他数据方一无所知。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: { en: 'knows names, sizes and times.', zh: '知道名称、大小和时间。' },
    },
  ],
})
