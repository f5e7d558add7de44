// Records of the log in words: kinds, classes, states, and one sentence for each record.
import { bytesText } from '../../components/format.tsx'
import { currentLanguage, dictionary, told, type Values } from '../../words.ts'

export const kindWords = dictionary({
  'collaboration.opened': ['log opened', '开启日志'],
  'job.proposed': ['job proposed', '提出作业'],
  'job.accepted': ['job accepted', '接受作业'],
  'job.closed': ['job ended', '作业结束'],
  'approval.granted': ['approval granted', '批准书生效'],
  'approval.revoked': ['approval withdrawn', '批准书撤回'],
  'approval.used': ['approval used', '使用批准书'],
  'approval.awaited': ['waits for an approval', '等待批准书'],
  'policy.refused': ['refused', '拒绝'],
  'key.published': ['key published', '公布密钥'],
  'round.opened': ['round opened', '打开轮次'],
  'round.closed': ['round closed', '关闭轮次'],
  'round.voided': ['round voided', '轮次作废'],
  'msg.sent': ['message sent', '发送消息'],
  'msg.received': ['message received', '接收消息'],
  'cell.released': ['number released', '放行数字'],
  'metric.released': ['result released', '公布结果'],
  'model.digest': ['digest of the model', '模型摘要'],
  anomaly: ['anomaly', '异常'],
  access: ['read', '读取'],
  'export.made': ['evidence handed out', '导出证据'],
  'log.incident': ['fault of the log', '日志故障'],
})

export const classWords = dictionary({
  ciphertext: ['ciphertext', '密文'],
  'masked-share': ['masked share', '掩码分片'],
  'psi-points': ['matching points', '求交点'],
  'public-key': ['public key', '公钥'],
  'released-aggregate': ['released numbers', '放行的汇总数'],
  'split-sides': ['sides of a split', '分裂方向'],
  control: ['control', '控制'],
})

export const objectWords = dictionary({
  result: ['result', '结果'],
  model: ['model', '模型'],
  log: ['round log', '轮次日志'],
  ledger: ['disclosure ledger', '外发台账'],
  released: ['released row sets', '已放行的行集'],
  export: ['evidence', '证据'],
  access: ['access records', '访问记录'],
  update: ['update of a round', '某轮的更新'],
})

export const roleWords = dictionary({
  steward: ['data steward', '数据管理员'],
  compliance: ['compliance officer', '合规官'],
  modeler: ['modeler', '建模人员'],
  operator: ['operator', '运维人员'],
  auditor: ['auditor', '审计员'],
  party: ['the party itself', '参与方自身'],
})

export const stateWords = dictionary({
  running: ['running', '运行中'],
  succeeded: ['succeeded', '成功'],
  failed: ['failed', '失败'],
  cancelled: ['cancelled', '已取消'],
  sealed: ['sealed', '已封存'],
  open: ['open', '未封存'],
  frozen: ['frozen', '已冻结'],
})

const sentences = dictionary({
  'collaboration.opened': ['opened the log with {participants}', '与 {participants} 开启日志'],
  'job.proposed': ['proposed the job to {parties}', '向 {parties} 提出作业'],
  'job.accepted': ['accepted the job', '接受作业'],
  'job.closed': ['ended the job: {state} {code}', '结束作业：{state} {code}'],
  'approval.granted': [
    'allowed {dataset}, {columns} {columns|column|columns}; signed by {signers}',
    '批准使用 {dataset}，{columns} 列；签署人 {signers}',
  ],
  'approval.revoked': ['{person} withdrew an approval ({code})', '{person} 撤回批准书（{code}）'],
  'approval.used': ['a job was admitted; {runsLeft} more may be', '已准入一次作业；还可 {runsLeft} 次'],
  'approval.awaited': ['the job waits: {missing}', '作业等待：{missing}'],
  'policy.refused': ['refused: {code} {reasons}', '拒绝：{code} {reasons}'],
  'key.published': ['published a key for {purpose}', '公布密钥，用途 {purpose}'],
  'round.opened': ['opened {task}, round {round}', '打开 {task} 第 {round} 轮'],
  'round.closed': ['closed {task}, round {round}', '关闭 {task} 第 {round} 轮'],
  'round.voided': ['{task}, round {round} lost a party and changed nothing', '{task} 第 {round} 轮因缺少参与方而作废'],
  'msg.sent': ['sent {to}: {className}, {size} ({step})', '向 {to} 发送：{className}，{size}（{step}）'],
  'msg.received': ['received from {from}: {className}, {size} ({step})', '收到 {from}：{className}，{size}（{step}）'],
  'cell.released': [
    '{checked}: {what}; {count} rows behind it, at least {threshold} needed',
    '{checked}：{what}；背后 {count} 行，至少需 {threshold} 行',
  ],
  'metric.released': ['released {name} = {value}', '公布 {name} = {value}'],
  'model.digest': ['stated the digest of its model', '声明其模型摘要'],
  anomaly: ['reported {code} {peer}', '报告 {code} {peer}'],
  access: [
    '{actor} ({roleName}) read: {objectName}; {purpose}; {decided}',
    '{actor}（{roleName}）读取：{objectName}；{purpose}；{decided}',
  ],
  'export.made': ['{actor} took evidence of {size} records', '{actor} 导出 {size} 条记录的证据'],
  'log.incident': ['the log is frozen: {code} ({file})', '日志已冻结：{code}（{file}）'],
})

const details = dictionary({
  passed: ['released', '已放行'],
  refused: ['withheld', '未放行'],
  allowed: ['allowed', '允许'],
  denied: ['refused', '拒绝'],
  leftOut: [', without {leftOut}', '，{leftOut} 未参加'],
})

type Gist = Readonly<Record<string, string | number | boolean>>

const word = (words: Parameters<typeof told>[0], key: unknown): string => told(words, String(key), currentLanguage())

/** What a record says, in the language of the reader. */
export function sentenceOf(kind: string, gist: Gist): string {
  const { bytes, role, object, check, decision, class: name } = gist
  const known = kind === 'round.closed' && gist['voided'] === true ? 'round.voided' : kind
  const values: Values = {
    ...(Object.fromEntries(Object.entries(gist).map(([key, value]) => [key, plain(value)])) as Values),
    className: word(classWords, name),
    ...(typeof bytes === 'number' ? { size: bytesText(bytes) } : {}),
    ...(typeof gist['size'] === 'number' ? { size: gist['size'] } : {}),
    roleName: word(roleWords, role),
    objectName: objectText(String(object ?? '')),
    checked: word(details, check),
    decided: word(details, decision === 'refused' ? 'denied' : decision),
    ...(kind === 'job.closed' ? { state: word(stateWords, gist['state']) } : {}),
  }
  const without = gist['leftOut'] === undefined ? '' : told(details, 'leftOut', currentLanguage(), values)
  return `${told(sentences, known, currentLanguage(), values)}${without}`.trim()
}

const plain = (value: string | number | boolean): string | number =>
  typeof value === 'boolean' ? String(value) : value

/** 'log (access 12)': the object, and its number in the reader's own access log. */
export function objectText(object: string): string {
  const [, name = object, rest = ''] = /^([a-z]+)(.*)$/.exec(object) ?? []
  return `${word(objectWords, name)}${rest}`
}
