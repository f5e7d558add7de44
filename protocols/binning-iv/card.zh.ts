// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  'guest-terms': '分箱参数与各样本集的行数',
  'host-terms': '数据方所见的同样条款',
  'host-columns': '按别名：每列普通取值的分箱数，以及哪些无取值的分箱（特殊码、缺失、无记录、未授权）中有行',
  layout: '各列分箱数的最大值，向上取整到 2 的幂',
  'row-key': '一个公钥',
  rows: '每行的类别、权重与校验数，以发起方的密钥加密：无',
  'cell-sums':
    '按别名：每列每个样本集每个分箱的行数与坏样本数；普通取值的分箱次序按列随机（可合并相邻箱时：升序或降序，随机取其一）。成组时：加有掩码，只能得知全体成员之和',
  weights: '自己各列每个分箱的证据权重，以及哪些相邻分箱被合并',
  shapes: '按别名：证据权重随取值上升还是下降，转折几次',
} as const
