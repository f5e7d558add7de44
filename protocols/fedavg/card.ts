// The who-learns-what card of federated averaging and of the statistics before it.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { AVERAGING, SETUP, STATISTICS } from './messages.ts'
import { AVERAGE_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Messages, and who learns what". */
export const CARD = makeCard({
  protocol: 'fedavg',
  version: AVERAGE_VERSION,
  title: { en: 'averaging over holders of the same columns', zh: '横向联邦平均（FedAvg）与联邦统计' },
  schedules: { SETUP, AVERAGING, STATISTICS },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'every party', zh: '各参与方' },
      knows: {
        en: 'knows the model, how it moved in each round, and after each round loss, AUC and KS over the hold-out rows of all; how many training and hold-out rows all have together; where statistics were asked for, mean, deviation, quantiles and a histogram of each column over the rows of all, and, from these and the number of rows, how many have no value. It can take its own part out of each of these: what is left is the sum over the others, and with three parties that is a sum over two. No row and no update of another party is told to it.',
        zh: '知道模型、模型每轮的变化，以及每轮之后在各方留出行上的损失、AUC 与 KS；知道各方训练行与留出行的总数；若要求统计，知道每列在各方全部行上的均值、标准差、分位数与直方图，并可由此及行数推知有多少行缺失。它可以从中减去自己的部分：剩下的是其余各方之和，三方时即另外两方之和。不会得知其他参与方的任何一行或任何一个更新。',
      },
    },
    {
      who: { en: 'the opener of a round, which is every party in turn', zh: '某轮的开启方（各方轮流担任）' },
      knows: {
        en: 'also knows of its rounds the counts of hold-out rows of all parties by score (256 cells) and label, with cells of few rows among them. These are not sent on. Where all open together, that is the party that puts the shares together; it cannot do so alone. Where only two parties take part, which needs differential privacy, no hold-out rows are counted and no statistics made.',
        zh: '还知道其所开启各轮中，各方留出行按分数（256 个单元）与标签的计数之和，其中有行数很少的单元；不会转发给他人。共同开启时，指把各方分片合在一起的一方，它无法单独开启。仅有两方时（须启用差分隐私），不对留出行计数，也不做统计。',
      },
    },
    {
      who: { en: 'the guest, where statistics were asked for', zh: '发起方（要求统计时）' },
      knows: {
        en: 'opens both sums of the statistics: it also knows the cells that were joined or left out because they hold too few rows, and how many rows lie beyond the outermost powers of two that are told. Its program tells nobody and keeps nothing of it; a guest whose program is changed could look.',
        zh: '开启统计的两个和：还知道因行数不足而被合并或略去的单元，以及有多少行超出所公布的最外侧 2 的幂。其程序不告知任何人，也不保存；若发起方改动程序，则可以看到。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: {
        en: 'adds ciphertexts that it cannot read: it knows names, sizes, times, and the opener and length of each vector. Together with the opener of a round, or any n − 2 parties together with either, it learns the sum over the remaining parties and nothing of one of them.',
        zh: '只是把无法读取的密文相加：知道名称、大小、时间，以及每个向量的开启方与长度。与某轮的开启方合谋，或任意 n − 2 个参与方与其中之一合谋，只能得知其余各方之和，无法得知其中任何一方的内容。',
      },
    },
    {
      who: { en: 'where differential privacy is on', zh: '启用差分隐私时' },
      knows: {
        en: 'ε covers the updates: each party adds its share of the noise before it encrypts. It does not cover the numbers of rows, loss, AUC, KS and scores of hold-out rows, and the statistics, which are exact sums.',
        zh: 'ε 覆盖模型更新：各方在加密前加入自己的一份噪声。不覆盖行数，留出行的损失、AUC、KS 与分数计数，以及统计，这些是精确的和。',
      },
    },
    {
      who: { en: 'a party that deviates', zh: '偏离协议的参与方' },
      knows: {
        en: 'can train on false rows, or send numbers outside the bounds, and spoil the model; numbers that no honest updates give are refused where they show. An opener that tells different parties different sums is found out in the next round, whose label all must share. A party cannot have two updates of another party under one label: it answers once, and after a loss the round is a new one.',
        zh: '可以用虚假的行训练，或发送界外的数，从而损坏模型；能看出不可能来自诚实更新的数会被拒绝。开启方若告知各方不同的和，会在下一轮被发现，因为各方的标签必须一致。任何一方无法得到另一方在同一标签下的两个更新：每方只作答一次，掉线之后的一轮是新的一轮。',
      },
    },
  ],
})
