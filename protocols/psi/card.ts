// The who-learns-what card of alignment.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { AGREEMENT, ALIGNMENT, LEFT_ALIGNMENT } from './messages.ts'
import { PROTOCOL_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Who learns what at the end". */
export const CARD = makeCard({
  protocol: 'psi',
  version: PROTOCOL_VERSION,
  title: { en: 'alignment (private set intersection)', zh: '对齐（隐私集合求交）' },
  schedules: { AGREEMENT, ALIGNMENT, LEFT_ALIGNMENT },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'guest', zh: '发起方' },
      knows: {
        en: "knows for each of its own ids that it asked about and each host whether that host has it, and the sizes of the hosts' sets rounded up to the bucket; in a group of hosts also which member has which of them; not the ids of a host that it does not have itself.",
        zh: '知道自己询问的每个标识是否在每家数据方那里，以及各数据方集合的大小（向上取整到分桶）；数据方成组时还知道各标识在组内哪个成员处；不知道自己没有的标识。',
      },
    },
    {
      who: { en: 'host, inner mode', zh: '数据方（内连接）' },
      knows: {
        en: "knows which of its own ids all parties have, and how many, and the size of the guest's set rounded up to the bucket; not which further ids it has in common with the guest, nor anything about another host's set beyond that.",
        zh: '知道自己的哪些标识为各方共有及其数量，以及发起方集合的大小（向上取整到分桶）；不知道与发起方另有哪些共同标识，也不知道其他数据方集合的更多内容。',
      },
    },
    {
      who: { en: 'a single host, inner mode', zh: '唯一的数据方（内连接）' },
      knows: {
        en: 'can count how many ids it has in common with the guest.',
        zh: '可以数出自己与发起方共有多少标识。',
      },
    },
    {
      who: { en: 'host, left mode', zh: '数据方（外连接）' },
      knows: {
        en: 'knows a set of its own ids that are customers of the guest or decoys, and in which rows of which set each stands; with a decoys for each match that fall on its ids it is right about an id with probability 1/(1 + a), and certain of every id where a is 0. It knows the rows of each set with decoys, how many rows it has no row for and was not asked about, and that two rows with one id are two loans of one customer or two rows of one decoy; nothing about the ids that it does not have.',
        zh: '知道自己的一部分标识是发起方的客户或诱饵，以及各自位于哪个样本集的哪些行；每个匹配配有 a 个落在其标识上的诱饵时，它判断某个标识是客户的正确概率为 1/(1+a)，a 为 0 时则完全确定。它知道各样本集含诱饵的行数、本方无记录的行数和未被询问的行数，也知道同一标识出现在两行意味着同一客户的两笔贷款或同一诱饵的两行；对自己没有的标识一无所知。',
      },
    },
    {
      who: { en: 'two hosts together, left mode', zh: '两家数据方合谋（外连接）' },
      knows: {
        en: 'compare their ids row by row: rows in which both have the same enterprise are customers of the guest, rows with two different ones are decoys. Decoys do not hold against them. Members of one group have no row in common; an id that is named at two of them is a decoy.',
        zh: '可逐行比对标识：两家为同一企业的行是发起方的客户，为不同企业的行是诱饵；诱饵对合谋无效。同组成员没有共同的行；在两个成员处都被点名的标识是诱饵。',
      },
    },
    {
      who: { en: 'coordinator and network', zh: '协调方与网络' },
      knows: {
        en: 'know who talks to whom, message sizes (so sizes rounded up to the bucket and, from the positions, of the intersection or of the common order), the failure code and its hint; no ids, no points.',
        zh: '知道谁与谁通信、消息大小（由此知道取整后的集合大小，并由位置消息知道交集或共同行序的大小）、错误码及其提示；不知道标识和求交点。',
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
