// 分箱与逻辑回归的错误码。The Chinese of those codes of error-codes/modelling.ts.

export const MODELLING_CODES_ZH = {
  'binning.isolates': {
    summary: '与先前对同一批行的分箱相比，新的分箱会单独暴露少于下限的行',
    mend: '沿用先前的切点，或使切点相距更远',
  },
  'binning.merge': {
    summary: '合并方案引用了不存在的箱、重复引用，或合并了不相邻的箱',
    mend: '每个箱只写一次；普通箱只能合并相邻的，特殊箱可并入任意箱',
  },
  'binning.one-class': { summary: '训练样本中坏样本或好样本太少，无法计算证据权重', mend: '使用两类样本更多的数据' },
  'binning.overlap': {
    summary: '某一列的分箱没有做到每行恰好计一次；该列的结果未被使用',
    mend: '联系数据提供方：其软件应当每行只计一次，此处有偏离',
  },
  'binning.small-bin': {
    summary: '数据提供方的某个箱少于训练行数下限；该列未被打开',
    mend: '联系数据提供方：其软件应当保证下限，此处有偏离',
  },
  'binning.too-many-rows': { summary: '某个样本集的行数超出加密计数的容量', mend: '减少行数，或把样本分成几个集合' },

  'lr.too-few-rows': {
    summary: '行数相对于列数和轮数太少：算出的答案会泄露单行数据',
    mend: '减少列数或轮数，或增加行数',
  },
  'lr.one-class': { summary: '训练或留出样本只有一个类别', mend: '检查标签、切分和对齐结果' },
  'lr.other-weights': {
    summary: '组内各成员持有的权重不一致：它们会是不同的模型',
    mend: '请上报：步骤相同的成员应逐位持有相同的权重',
  },
  'lr.diverged': { summary: '训练发散', mend: '增大 l2 或减小 momentum' },
} as const
