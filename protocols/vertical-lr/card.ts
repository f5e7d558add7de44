// The who-learns-what card of vertical logistic regression.
import { makeCard } from '#protocols/core/card.ts'
import { REVEALS_ZH } from './card.zh.ts'
import { CHOICE, INFORMATION, SCORING, SETUP, STAGES, TRAINING, WEIGHTS } from './messages.ts'
import { LR_VERSION } from './params.ts'

/** The statements at the end are those of the README, "Messages, and who learns what" and "Adversary model". */
export const CARD = makeCard({
  protocol: 'vertical-lr',
  version: LR_VERSION,
  title: { en: 'vertical logistic regression', zh: '纵向逻辑回归' },
  schedules: { SETUP, TRAINING, INFORMATION, CHOICE, SCORING, WEIGHTS, STAGES },
  chinese: REVEALS_ZH,
  atTheEnd: [
    {
      who: { en: 'every owner', zh: '每个数据所有者' },
      knows: {
        en: 'knows its own weights and, for each round, the gradient of its own weights: one linear equation a column and round about the residuals, with fine precision two. The number of these equations is at most a tenth of the training rows. The first gradient of a host is the covariance of its columns with the label. Rows of weight 0 (decoys, indeterminate labels) are not in it, and hosts do not learn which they are. Where standard errors are asked for, it knows those of its own weights.',
        zh: '知道自身的权重，以及每一轮自身权重的梯度：每列每轮得到一个关于残差的线性方程，精细精度时为两个。方程总数不超过训练行数的十分之一。数据方的第一个梯度就是它的各列与标签的协方差。权重为 0 的行（诱饵、标签不定）不计入，数据方不知道是哪些行。若要求标准误，则知道自身权重的标准误。',
      },
    },
    {
      who: { en: 'the guest', zh: '发起方' },
      knows: {
        en: "knows each round's score ranges (four coarse numbers a host), up to ten scalar products of each host's last steps (of a host with one column they tell its weight but for the sign), the largest move of each host's weights to two digits, the mean loss to four digits, and the joint score of each scored row, decoys among them. With one host, the joint score minus its own is that host's score; with two or more it learns the hosts' sum only.",
        zh: '知道每轮的得分范围（每家数据方四个粗略的数）、每家权重的最大变动（两位有效数字）、平均损失（四位），每家最近几步的至多十个内积（只有一列的数据方由此泄露其权重，符号除外），以及每个被评分样本（含诱饵）的联合得分。只有一家数据方时，联合得分减去自己的得分就是该数据方的得分；两家及以上时只知道它们之和。',
      },
    },
    {
      who: { en: 'the guest, where standard errors are asked for', zh: '要求标准误时的发起方' },
      knows: {
        en: 'knows the whole information matrix: for each pair of columns of any owners, the sum of their products over the training rows weighted with p(1 − p), and which weights of hosts are held at zero. Its entries are at most a tenth of the training rows.',
        zh: '知道整个信息矩阵：任意两列（不论属于谁）在训练样本上以 p(1 − p) 加权的乘积之和，以及数据方的哪些权重被限制为零。矩阵的项数不超过训练行数的十分之一。',
      },
    },
    {
      who: { en: 'the guest, where columns are selected', zh: '进行变量筛选时的发起方' },
      knows: {
        en: 'knows the mean product of each pair of the columns that it looks at more closely, of any owners, over at most 40,960 rows that count: correlations and variance inflation. A host learns which of its columns were looked at and which were chosen.',
        zh: '知道其重点考察的任意两列（不论属于谁）在至多 40,960 个计入样本上乘积的均值：相关系数与方差膨胀因子。数据方知道自己的哪些列被考察、哪些列入选。',
      },
    },
    {
      who: { en: 'the guest, where a scorecard is made', zh: '制作评分卡时的发起方' },
      knows: {
        en: "knows the weights of every host's columns to six digits, and so the points of each anonymous bin.",
        zh: '知道各数据方各列的权重（六位有效数字），从而知道每个匿名分箱的分值。',
      },
    },
    {
      who: { en: 'hosts', zh: '数据方' },
      knows: {
        en: 'know the period of the series in each round, how many columns each party brings, three mixing factors a round, and the order of magnitude of the bad rate times the share of rows that count.',
        zh: '知道每一轮级数的周期、各方各提供多少列、每轮三个混合系数，以及坏样本率乘以计入样本比例的数量级。',
      },
    },
    {
      who: { en: 'the guest, of a group', zh: '对于组，发起方' },
      knows: {
        en: 'knows of all members together what it knows of a host, told by one of them: one range, one step, one weight a column; and which of its rows are at which member, from the alignment. Each member deals its own scores, and the masks of scored rows cover it as they cover any host.',
        zh: '对全体成员合起来只知道对一家数据方所知道的，由其中一个成员告知：一个得分范围、一个步长、每列一个权重；并由对齐得知自己的哪些行在哪个成员处。各成员分别分享自己的得分，被评分样本的掩码对每个成员与对任何数据方一样有效。',
      },
    },
    {
      who: { en: 'every member of a group', zh: '组的每个成员' },
      knows: {
        en: "knows the weights of the group and, each round, the gradient of the group, but not the part of any member's rows in it, its own included; how many training rows the group has, the number of its rows in each round, mean and deviation of the group's scores; for each column the largest sum of absolute values, and for each pair of columns the sum of products, over the group's training rows. By taking its own part out of these it knows the sums over the other members. The training rows of the group hold at least ten weights of evidence for each mean and product.",
        zh: '知道组的权重，每轮知道全组的梯度，但不知道任何成员的样本（包括自己的）在其中的部分；还知道全组有多少训练样本、每轮有多少组内样本、全组得分的均值与标准差，每列绝对值之和的最大值，以及每两列在全组训练样本上乘积之和；减去自己的部分即得其余成员之和。每一项均值与乘积至少对应十个全组训练样本的 WOE 值。',
      },
    },
    {
      who: { en: 'the coordinator', zh: '协调方' },
      knows: { en: 'knows names, sizes and times.', zh: '知道名称、大小和时间。' },
    },
    {
      who: { en: 'guest and first host together', zh: '发起方与首家数据方合谋' },
      knows: {
        en: "hold both shares: if they collude they learn every other host's scores, but no other host's columns.",
        zh: '合在一起持有两份分片：若二者合谋，可得到其余各家的得分，但得不到其余各家的列。',
      },
    },
    {
      who: { en: 'a guest that deviates', zh: '偏离协议的发起方' },
      knows: {
        en: "can read up to 50 bits about a host's columns from each opened inner product; the cap on their number is the limit of that leak. That somebody lies about its own columns is not detected.",
        zh: '可以从每个公开的内积中读出至多 50 比特关于数据方各列的信息；内积总数的上限就是这一泄漏的上限。有人谎报自己的列，无法发现。',
      },
    },
  ],
})
