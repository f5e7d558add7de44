// In Chinese, what the receiver of each message learns: the twin of `reveals` in messages.ts.

export const REVEALS_ZH = {
  'guest-terms':
    '版本、标识种类、最小交集、分桶、对齐方式、每个匹配的诱饵数；发起方标识中有效的比例，以及最常见的写法（百分比）',
  'host-terms': '数据方的同样内容；外连接时还有它是否覆盖所有主体',
  'guest-commitment': '发起方集合的大小，向上取整到分桶',
  'host-commitment': '数据方集合的大小，向上取整到分桶',
  'guest-points': '发起方的标识与填充，经秘密指数运算并打乱：无（判定性 Diffie-Hellman 假设）',
  'host-points': '数据方的标识与填充，经秘密指数运算并打乱：单凭它无所得',
  'raised-points': '发起方自己的标识中，该数据方有哪些；对该数据方的其他标识一无所知',
  intersection: '交集太小，但不知其大小；或交集大小与划分行的密钥',
  positions: '自己的标识中哪些为各方共有，次序随机',
  'row-order': '某家匹配或某个样本集太小，但不知是哪个；或各样本集的行数（含诱饵行）',
  'row-positions':
    '共同行序的每一行对应自己的哪个标识（发起方的客户或诱饵），或本方无记录，或未被询问；一个标识出现在多行表示多笔贷款',
  receipt: '数据方采用了同一份清单',
} as const
