// 组（列相同、企业不同的数据方）的错误码。The Chinese of error-codes/group.ts.

export const GROUP_CODES_ZH = {
  'group.too-few-members': {
    summary: '一个组的不同成员不足三个：任何一方都能推算出另一方的数',
    mend: '在 `groups` 中列出至少三个成员，每个只列一次',
  },
  'group.other-sum': {
    summary: '组内成员相加的不是同一项内容，或没有使用相同的密钥',
    mend: '请上报：条款一致的成员对每一个和的看法一致',
  },
} as const
