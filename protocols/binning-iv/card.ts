// The who-learns-what card of the federated binning.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { COUNTING, SETUP } from './messages.ts'
import { BINNING_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Messages, and who learns what" and "Adversary model". */
export const CARD = makeCard({
  protocol: 'binning-iv',
  version: BINNING_VERSION,
  title: { en: 'binning, weight of evidence and information value', zh: '分箱、证据权重（WOE）与信息值（IV）' },
  schedules: { SETUP, COUNTING },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'the guest', zh: '发起方' },
      knows: {
        en: "knows of each column of a host, by alias: how many rows and bad rows each anonymous bin holds in each set, its weight of evidence and information value, whether it rises or falls, and which of the bins without a value (special code, missing, no row, no consent) hold rows. It knows no cut point, and which bin any single row is in only for 'no row' and 'no consent', which the alignment told it. Of a group of hosts it knows the same of all members' rows together, and nothing of one member's.",
        zh: '按别名知道数据方每列的情况：每个匿名分箱在各样本集中的行数与坏样本数、证据权重与信息值、单调方向，以及哪些无取值的分箱（特殊码、缺失、无记录、未授权）中有行。不知道任何切点；除对齐时已知的“无记录”“未授权”外，不知道任何一行落在哪个分箱。对成组的数据方，只知道全体成员各行合计的上述内容，无法得知其中任何一个成员的。',
      },
    },
    {
      who: { en: 'a host', zh: '数据方' },
      knows: {
        en: 'knows its own cut points and, for each of its columns, one log-odds ratio for each bin of at least 50 rows: aggregate information about the labels. Which neighbouring bins were joined says that their bad rates differ little. It sees no label, no count of bad rows and nothing of other hosts. In a group: the cut points of the group, which its members agree on, and the same of the bins of the group.',
        zh: '知道自己的切点，以及自己每列每个不少于 50 行的分箱的一个对数几率比：关于标签的汇总信息。哪些相邻分箱被合并，说明它们的坏样本率相差不大。看不到任何标签、坏样本数，也看不到其他数据方的任何信息。成组时：知道成员共同商定的切点，以及本组各分箱的上述内容。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: { en: 'knows names, sizes and times.', zh: '知道名称、大小和时间。' },
    },
    {
      who: { en: 'a host that deviates', zh: '偏离协议的数据方' },
      knows: {
        en: 'and sends a bin of few rows, or counts rows twice or not at all, is refused: the task ends before anything about the labels is told (rows exchanged for others pass with probability 1 in 64 at most). It can bin one column twice so that two bins differ by few rows, or give rows other factors than one; this is not detected from one run, only by an audit of what it signed. What it can learn is bounded by the released weights: one number a bin.',
        zh: '若提交行数过少的分箱，或重复、遗漏计数，会被拒绝：在透露任何标签信息之前任务即终止（以其他行顶替而通过的概率不超过 1/64）。它可以把同一列分箱两次，使两个分箱只差少数几行，或给行赋予 1 以外的系数；这在单次运行中无法发现，只能通过对其签名内容的审计发现。它所能得知的以公布的证据权重为限：每个分箱一个数。',
      },
    },
    {
      who: { en: 'a guest that deviates', zh: '偏离协议的发起方' },
      knows: {
        en: 'can put other numbers into the rows and so read, from each cell of each column and set, up to 40 bits (52 in sets of more than 131,072 rows) about which rows are in the cell, or open a small bin of a set. Rows it sends are kept by the host as signed ciphertexts: an audit can have them opened.',
        zh: '可以在行中放入其他数字，从而由每列每个样本集的每个单元读出至多 40 比特（样本集超过 131,072 行时为 52 比特）关于哪些行在该单元中的信息，或看到某个样本集中的小分箱。它发送的行以签名密文形式留存在数据方：审计时可要求打开。',
      },
    },
  ],
})
