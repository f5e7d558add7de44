// 差分隐私与有争议的更新的错误码。The Chinese of error-codes/privacy.ts.

export const PRIVACY_CODES_ZH = {
  'privacy.budget-spent': {
    summary: '再进行一轮，隐私支出会超过作业或数据集所有者允许的预算',
    mend: '减少轮数或加大噪声；数据集的预算只有其所有者可以提高',
  },
  'privacy.settings': {
    summary: '差分隐私的设置互相矛盾，或超出范围',
    mend: '改正 `average.privacy` 中指出的设置；按行抽样须用 unit: row',
  },
  'privacy.too-coarse': {
    summary: '相对于这样小的噪声，更新的整数格点太粗：舍入将决定保护的程度',
    mend: '减小 `average.clip`，或提高噪声倍数或抽样率',
  },
  'privacy.round-differs': {
    summary: '已记账的一轮以另一种隐私支出再次被请求',
    mend: '请上报：一轮只保护一次，只用一组参数',
  },
  'robustness.sum-too-long': {
    summary: '打开的汇总比裁剪后的更新所能达到的更长：至少一方没有裁剪',
    mend: '发起争议：各方打开本轮的更新，诊断会指出异常的一方',
  },
  'robustness.opening-missing': {
    summary: '争议需要本轮所有参与方的更新，每方一份',
    mend: '请指出的一方打开其更新，否则终止与其合作',
  },
  'dispute.invalid': {
    summary: '争议文件内容不符，或并非来自应当签署的一方',
    mend: '请重新索取：申请来自作业的发起方，答复来自该轮的参与方',
  },
  'dispute.unknown-round': {
    summary: '本方没有保存该训练轮次',
    mend: '请指定做过联邦平均的作业及其已结束的轮次；模型较大时只保存最初的若干轮',
  },
  'robustness.opening-differs': {
    summary: '打开的更新不是当初承诺的那一份，或各份之和不等于汇总',
    mend: '请上报：有一方打开的内容与它发送的不同',
  },
} as const
