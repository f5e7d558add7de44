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
} as const
