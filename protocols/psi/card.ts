// The who-learns-what card of alignment.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { AGREEMENT, ALIGNMENT } from './messages.ts'
import { PROTOCOL_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Who learns what at the end". */
export const CARD = makeCard({
  protocol: 'psi',
  version: PROTOCOL_VERSION,
  title: { en: 'alignment (private set intersection)', zh: '对齐（隐私集合求交）' },
  schedules: { AGREEMENT, ALIGNMENT },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'guest', zh: '发起方' },
      knows: {
        en: "knows for each of its own ids and each host whether that host has it, and the sizes of the hosts' sets rounded up to the bucket; not the ids of a host that it does not have itself.",
        zh: '知道自己的每个标识是否在每家数据方那里，以及各数据方集合的大小（向上取整到分桶）；不知道自己没有的标识。',
      },
    },
    {
      who: { en: 'host', zh: '数据方' },
      knows: {
        en: "knows which of its own ids all parties have, and how many, and the size of the guest's set rounded up to the bucket; not which further ids it has in common with the guest, nor anything about another host's set beyond that.",
        zh: '知道自己的哪些标识为各方共有及其数量，以及发起方集合的大小（向上取整到分桶）；不知道与发起方另有哪些共同标识，也不知道其他数据方集合的更多内容。',
      },
    },
    {
      who: { en: 'a single host', zh: '唯一的数据方' },
      knows: {
        en: 'can count how many ids it has in common with the guest.',
        zh: '可以数出自己与发起方共有多少标识。',
      },
    },
    {
      who: { en: 'coordinator and network', zh: '协调方与网络' },
      knows: {
        en: 'know who talks to whom, message sizes (so sizes rounded up to the bucket and, from the positions, of the intersection), the failure code and its hint; no ids, no points.',
        zh: '知道谁与谁通信、消息大小（由此知道取整后的集合大小，并由位置消息知道交集大小）、错误码及其提示；不知道标识和求交点。',
      },
    },
    {
      who: { en: 'not protected', zh: '不受保护' },
      knows: {
        en: 'against a guest that invents ids, and against two alignments over changed sets, whose difference shows what changed.',
        zh: '发起方可以编造标识试探；集合变化后再次对齐，两次之差会显示变化的部分。',
      },
    },
  ],
})
