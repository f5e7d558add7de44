// The who-learns-what card of a group of hosts: what its members say to each other beside the steps of each task.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { GROUP_SETUP, GROUP_SUMS } from './messages.ts'
import { GROUP_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Who learns what at the end". */
export const CARD = makeCard({
  protocol: 'group',
  version: GROUP_VERSION,
  title: { en: 'hosts that stand side by side as a group', zh: '作为一组并列参与的数据方' },
  schedules: { GROUP_SETUP, GROUP_SUMS },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'every member', zh: '每个成员' },
      knows: {
        en: 'knows the sums that its group made: rows by cell of each column, from which cut points are agreed, the cut points, and what the group was answered, which is the same for all. Cells of these sums may hold few rows, and none says whose they are. It can take its own part out of each sum: what is left is the sum over the others, and with three members that is a sum over two.',
        zh: '知道本组所求的和：每列按单元的行数（切分点由此商定）、切分点，以及对本组的答复（各成员相同）。这些和的单元可能行数很少，但不表明属于谁。它可以从每个和中减去自己的部分：剩下的是其余成员之和，三个成员时即另外两方之和。',
      },
    },
    {
      who: { en: 'some of the members together', zh: '若干成员合谋' },
      knows: {
        en: 'learn the sum over the remaining members: all members but one learn the numbers of that one. Together with the guest they learn no more of these numbers; but each member knows cut points and order of cells, so what the guest is told by anonymous cell, or row by row as the sides of a split are, then has its meaning for the rows of all members.',
        zh: '得知其余成员之和：除一个成员外的全体成员合谋，即得知该成员的数。与发起方合谋，对这些数也不会得知更多；但每个成员都知道切分点与单元顺序，因此发起方按匿名单元或逐行（如分裂的左右侧）得知的内容，对所有成员的行都不再匿名。',
      },
    },
    {
      who: { en: 'the guest', zh: '发起方' },
      knows: {
        en: 'knows sums over the whole group only, by the aliases of the group; and, from the alignment, which member has which of its own rows. Two jobs whose groups differ by one member tell the numbers of that one where the bins are the same: an approval names the members for that reason. If it deviates it can give weight to the rows of one member alone, and then the sums are those of that member; only an audit of what it signed shows that.',
        zh: '只知道整个组的和（以组的别名表示）；并由对齐得知自己的哪一行在哪个成员处。两个作业的组若只差一个成员且分箱相同，则可得知该成员的数：因此审批写明成员。若偏离协议，它可以只给某一个成员的行赋权，此时的和即该成员的数；只有对其签名内容的审计才能发现。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: { en: 'knows names, sizes and times of these messages.', zh: '知道这些消息的名称、大小与时间。' },
    },
    {
      who: { en: 'a member that deviates', zh: '偏离协议的成员' },
      knows: {
        en: 'can add false numbers and spoil a sum, and tell different members different ones; it learns nothing more of the others by it, but later sums, in which the answers differ, may fail.',
        zh: '可以加入虚假的数从而损坏某个和，也可以对不同成员报不同的数；它不会因此得知其他成员的更多内容，但之后因各方答复不同，求和可能失败。',
      },
    },
  ],
})
