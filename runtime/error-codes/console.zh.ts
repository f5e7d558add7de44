// 控制台的错误码。The Chinese of error-codes/console.ts.

export const CONSOLE_CODES_ZH = {
  'console.sign-in': {
    summary: '登录信息不正确',
    mend: '核对人员短名与口令；`tributary keys person list` 列出本方人员',
  },
  'console.signed-out': { summary: '尚未登录，或会话已结束', mend: '请重新登录' },
  'console.origin': {
    summary: '请求不是来自本控制台的页面',
    mend: '请使用配置 `console.origins` 中列出的地址打开控制台',
  },
  'console.request': {
    summary: '请求不符合接口约定',
    mend: '改正所指出的内容；各调用的参数见 /api/openapi.json',
  },
  'console.unknown': {
    summary: '没有这个调用或页面',
    mend: '调用列表见 /api/openapi.json；属于某一方的内容只在该方的代理上',
  },
  'console.too-many': { summary: '请求过于频繁', mend: '请等待所示时间后重试' },
  'console.passphrase': {
    summary: '口令不正确，未签署任何内容',
    mend: '请输入您登记时自设的口令，而非本方的口令',
  },
  'console.link-expired': {
    summary: '该通行密钥或账户已超过其所有者签署的期限',
    mend: '请用口令登录，在“账户”中续期',
  },
  'console.not-linked': {
    summary: '该账户未关联本方任何人员',
    mend: '请用口令登录，在“账户”中关联该账户',
  },
  'console.passkey': {
    summary: '该通行密钥不能在此使用',
    mend: '请重试或换用其他设备；使用通行密钥须以名称（如 localhost）而非数字地址打开控制台',
  },
  'console.provider': {
    summary: 'OIDC 身份提供方未正常应答',
    mend: '检查 `console.oidc` 与到提供方的线路；其间人员可用口令登录',
  },
} as const
