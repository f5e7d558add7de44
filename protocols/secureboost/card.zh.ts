// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  'guest-terms': '树的设置与各样本集的行数',
  'host-terms': '数据方所见的同样条款',
  'tree-key': '一个公钥，每棵树各用一个',
  'tree-columns': '数据方向这棵树提供的各列（次序按树随机）：有几个单元，是否有容纳无取值行的单元，方向是否被规定',
  'node-rows': '仅在授权允许节点成员可见时：树的每个节点包含哪些训练行',
  layout: '一个应答同时汇总几个单元：按这些行与各数据方的列，取成本最低者',
  rows: '每个节点每行的梯度与曲率，以发起方的密钥加密：无',
  'cell-sums': '按节点：这棵树每列每个单元的梯度之和与曲率之和；单元升序或降序，按树与列随机取其一',
  chosen: '发起方在每层选中了它的哪些分裂；节点成员隐藏时，不知道在哪个节点；同一编号之后又选另一个，说明前一个被放弃',
  sides: '一个被选中的分裂：所在列的别名，以及各样本集每一行落在哪一侧；或某一侧行数过少',
  'tree-end': '这是否最后一棵树，以及有几棵树有效',
  'predict-terms': '要预测的行数，以及该数据方的分裂个数',
  'all-sides': '模型中该数据方的每个分裂：每一行落在哪一侧',
  'stage-over': '一个与该数据方无关的模型是否已训练完成',
} as const
