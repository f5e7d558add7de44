// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  'group-key': '一个公钥，本任务中两个成员之间的掩码由此得出',
  'group-terms': '组名与成员，以及各列、特殊值代码、方向与声明的切分点的摘要：是否相同',
  'group-seed': '一个随机数，成员之外的任何人都看不到：各成员须一致的次序由此得出',
  'group-sum': '成员的数，加了在全体成员求和时相互抵消的掩码：只能得知全体成员之和，无法得知其中任何一个成员的数',
} as const
