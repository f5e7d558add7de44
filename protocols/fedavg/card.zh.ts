// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  terms: '对方所见的设置、列名与参与方',
  'round-key': '一个公钥，本任务各轮的掩码与密钥由此得出',
  update: '该轮的标签、开启方与参与方，以及向量的长度；向量已加密并加掩码，对其内容一无所知',
  sum: '各方向量之和（精确）：第 0 轮为各方行数，其后为每个权重的加权变化，以及留出行的损失与按分数和标签的计数；统计任务中为各单元的计数与各列之和',
  rows: '各方训练行与留出行的总数',
  mean: '本轮模型的变化，为各方之和（精确）；以及本轮起始模型在各方留出行上的损失、AUC 与 KS',
  spread: '每列在各方全部行上：各 2 的幂之间有多少行（行数不足的相邻单元合并），有多少行缺失',
  summary: '每列在各方全部行上：均值、标准差、分位数，以及没有行数不足单元的直方图',
} as const
