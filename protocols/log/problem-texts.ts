// What each problem code of a verifier means and what to do about it, for people. The verifier page has its own texts.
import type { ProblemCode } from './problems.ts'

interface ProblemText {
  readonly en: string
  readonly zh: string
  readonly mend: { readonly en: string; readonly zh: string }
}

const AGAIN = {
  en: 'get the bundle again from another participant, and compare the files',
  zh: '请向另一参与方重新索取证据包，并比对文件',
}
const REMAKE = { en: 'export the bundle again', zh: '请重新导出证据包' }
const COSIGN = {
  en: 'ask the party for its cosignature over this size; one that was asked and refuses has seen another log',
  zh: '请该方对此长度会签；若该方拒绝，说明它看到的是另一份日志',
}
const REWRITTEN = {
  en: 'compare with the log that another participant keeps: the first difference shows what was rewritten, and by whom',
  zh: '与另一参与方保存的日志比对：第一处不同即为被改写之处，并可指明由谁改写',
}
const AUTHOR = {
  en: "ask the record's author for its own ledger, and compare",
  zh: '请该记录的作者出示其自己的台账并比对',
}
const BOTH = {
  en: 'compare the ledgers of sender and receiver for this step',
  zh: '就此步骤比对发送方与接收方的台账',
}
const OWNER = {
  en: 'ask the data owner; what left without its approval is a breach of the agreement between the parties',
  zh: '请询问数据方；未经其授权外发的数据即违反各方之间的协议',
}
const KEYS = { en: 'compare the keys with the trust bundle over another channel', zh: '请通过其他渠道与信任包核对公钥' }

export const PROBLEM_TEXTS: Readonly<Record<ProblemCode, ProblemText>> = {
  'bundle-malformed': { en: 'the bundle is not in its format', zh: '证据包格式不对', mend: REMAKE },
  'trust-mismatch': {
    en: 'the trust bundle in it is not the one that the log was opened with, or has other keys',
    zh: '包内的信任包不是开启日志时所用的那一份，或其中的公钥不同',
    mend: KEYS,
  },
  'checkpoint-signature': {
    en: "the coordinator's signature over the checkpoint is missing or wrong",
    zh: '检查点上协调方的签名缺失或无效',
    mend: AGAIN,
  },
  'cosignature-missing': { en: 'a participant has not cosigned', zh: '有参与方没有会签', mend: COSIGN },
  'cosignature-invalid': { en: 'a cosignature does not verify', zh: '会签无效', mend: REWRITTEN },
  'root-mismatch': {
    en: 'the records are not those that were signed for',
    zh: '记录与签名的检查点不是同一份',
    mend: REWRITTEN,
  },
  'size-mismatch': {
    en: 'more or fewer records than were signed for',
    zh: '记录条数与检查点不符',
    mend: REWRITTEN,
  },
  'leaf-malformed': { en: 'a record is not in its format', zh: '记录格式不对', mend: AUTHOR },
  'leaf-not-canonical': { en: 'a record is not in canonical form', zh: '记录不是规范形式', mend: AUTHOR },
  'leaf-signature': {
    en: "a record does not carry its author's signature",
    zh: '记录没有其作者的有效签名',
    mend: AUTHOR,
  },
  'unknown-key': { en: 'a key that nobody enrolled or published', zh: '使用了未登记或未公布的密钥', mend: KEYS },
  'author-unknown': { en: 'a party that does not take part', zh: '出现了不是参与方的一方', mend: AUTHOR },
  'author-seq': { en: 'a record of this author is missing', zh: '该作者的记录有缺号', mend: AUTHOR },
  'author-prev': {
    en: "a record does not follow its author's last one",
    zh: '记录与该作者的上一条不衔接',
    mend: AUTHOR,
  },
  'duplicate-seq': { en: 'two records of this author have one number', zh: '该作者的记录编号重复', mend: AUTHOR },
  'time-backwards': { en: 'time goes backwards: a record is back-dated', zh: '时间倒退：记录被倒签', mend: AUTHOR },
  'job-order': { en: 'a record out of place in its job', zh: '记录不符合作业的先后次序', mend: AUTHOR },
  'round-order': { en: 'a round or message out of order', zh: '轮次或消息次序不对', mend: AUTHOR },
  'round-open-without-close': {
    en: 'the job succeeded with a round left open',
    zh: '作业成功但有轮次没有关闭',
    mend: AUTHOR,
  },
  'sent-without-received': {
    en: 'a message was sent, and its receiver recorded nothing',
    zh: '有发送记录而没有接收记录',
    mend: BOTH,
  },
  'received-without-sent': {
    en: 'a message was received, and its sender recorded nothing',
    zh: '有接收记录而没有发送记录',
    mend: BOTH,
  },
  'message-mismatch': { en: 'sender and receiver say different things', zh: '收发双方的记录不一致', mend: BOTH },
  'released-without-record': {
    en: 'plain numbers left without a release record',
    zh: '汇总数外发而没有放行记录',
    mend: OWNER,
  },
  'adder-misused': {
    en: 'something else than an encrypted update went to the coordinator',
    zh: '发给协调方的不是加密更新',
    mend: OWNER,
  },
  'approval-missing': { en: 'data left without an approval', zh: '没有授权而外发数据', mend: OWNER },
  'approval-after-use': { en: 'an approval was granted after it was used', zh: '先使用后授权', mend: OWNER },
  'approval-exceeded': { en: 'the approval did not allow this', zh: '超出授权范围', mend: OWNER },
}
