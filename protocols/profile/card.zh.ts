// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  'guest-terms': '数据概况的参数',
  'host-terms': '数据方所见的同样条款',
  profiles:
    '按别名，数据方每列在其全部数据上的概况：其声明的名称与预期方向，缺失、零、特殊值、最频值的占比，不同取值个数，均值、标准差与分位数；均保留三位有效数字，行数不足者不给出',
} as const
