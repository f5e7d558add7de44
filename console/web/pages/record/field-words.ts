// Names of the fields of records, and their values where these are words of a closed list.
import { bytesText, countText } from '../../components/format.tsx'
import { currentLanguage, dictionary, told } from '../../words.ts'
import { classWords, objectText, roleWords, stateWords } from './record-words.ts'

const fields = dictionary({
  actor: ['who', '何人'],
  approval: ['approval', '批准书'],
  average: ['averaging', '联邦平均'],
  bundleDigest: ['digest of the trust bundle', '信任包摘要'],
  bytes: ['bytes', '字节'],
  card: ['digest of the who-learns-what card', '告知卡摘要'],
  check: ['check', '检查结果'],
  class: ['class', '类别'],
  code: ['code', '代码'],
  columns: ['columns', '列'],
  count: ['rows behind it', '背后的行数'],
  counterparties: ['other parties', '合作方'],
  dataset: ['data set', '数据集'],
  datasetVersion: ['version of the data set', '数据集版本'],
  decision: ['decision', '决定'],
  decryptableBy: ['who can decrypt', '谁能解密'],
  digest: ['digest', '摘要'],
  document: ['approval document', '批准书正文'],
  federation: ['federation', '联盟'],
  floors: ['limits', '限额'],
  from: ['from', '发送方'],
  group: ['group', '组'],
  guest: ['guest', '发起方'],
  id: ['number', '编号'],
  job: ['job', '作业'],
  keyId: ['key', '密钥'],
  keyid: ['key', '密钥'],
  label: ['label', '标签'],
  leftOut: ['left out', '未参加'],
  legalBasis: ['legal basis', '法律依据'],
  maxCells: ['sums at most', '和至多'],
  maxDepth: ['levels at most', '层数至多'],
  maxDigits: ['significant digits at most', '有效数字至多'],
  maxEpsilon: ['ε at most', 'ε 至多'],
  maxReleasedCells: ['released numbers at most', '放行数至多'],
  maxRounds: ['rounds of a task at most', '每个任务轮数至多'],
  membership: ['members of nodes', '节点成员'],
  members: ['members', '成员'],
  messages: ['messages', '消息数'],
  minBinRows: ['rows of a bin at least', '分箱至少'],
  minDifference: ['jobs differ in no row or at least', '作业间差异为零或至少'],
  minIntersection: ['rows of the intersection at least', '交集至少'],
  minLeafRows: ['rows of a leaf at least', '叶节点至少'],
  minRows: ['rows at least', '至少行数'],
  name: ['name', '名称'],
  object: ['what was read', '读取对象'],
  owner: ['owner of the data', '数据方'],
  participants: ['participants', '参与方'],
  parties: ['parties', '参与方'],
  party: ['party', '一方'],
  peer: ['about', '涉及方'],
  person: ['person', '人员'],
  protocols: ['protocols', '协议'],
  publicDigest: ['digest of the public key', '公钥摘要'],
  purpose: ['purpose', '用途'],
  reason: ['reason', '原因'],
  receivers: ['receivers of results', '结果接收方'],
  recordDigest: ['digest of the round', '该轮摘要'],
  retention: ['retention', '留存'],
  role: ['role', '角色'],
  root: ['root of the log', '日志的根'],
  round: ['round', '轮次'],
  runs: ['jobs at most', '作业至多'],
  set: ['parameter set', '参数集'],
  signers: ['signed by', '签署人'],
  size: ['records', '记录数'],
  specDigest: ['digest of the specification', '规格摘要'],
  state: ['state', '状态'],
  step: ['step', '步骤'],
  task: ['task', '任务'],
  threshold: ['rows needed', '所需行数'],
  time: ['time', '时间'],
  to: ['to', '接收方'],
  trees: ['trees', '树模型'],
  v: ['version of the format', '格式版本'],
  validFrom: ['valid from', '生效时间'],
  validTo: ['valid to', '失效时间'],
  value: ['value', '值'],
  version: ['version', '版本'],
  voided: ['voided', '作废'],
  what: ['what', '内容'],
})

const values = dictionary({
  passed: ['passed: it was released', '通过：已放行'],
  refused: ['refused: it was withheld', '拒绝：未放行'],
  allowed: ['allowed', '允许'],
  denied: ['refused', '拒绝'],
  hidden: ['hidden from hosts', '对数据方隐藏'],
  visible: ['visible to hosts', '对数据方可见'],
  '*': ['all', '全部'],
  true: ['yes', '是'],
})

/** In the language of the reader. */
export function fieldName(name: string): string {
  return told(fields, name, currentLanguage())
}

export function valueWords(name: string, value: unknown): string {
  const language = currentLanguage()
  if (typeof value === 'number')
    return name === 'bytes' ? `${countText(value)} (${bytesText(value)})` : countText(value)
  const text = String(value)
  if (name === 'class') return told(classWords, text, language)
  if (name === 'role') return told(roleWords, text, language)
  if (name === 'state') return told(stateWords, text, language)
  if (name === 'object') return objectText(text)
  return told(values, text, language)
}
