// Words for jobs, their tasks, states and parties, that several pages need.
import type { JobState, PartyProgress } from '#console/api/job-progress.ts'
import type { Tone } from '../../components/state.tsx'
import { dictionary } from '../../words.ts'

export const stateWords = dictionary({
  submitted: ['submitted', '已提交'],
  inviting: ['waiting for approval', '等待批准'],
  ready: ['starting', '启动中'],
  running: ['running', '运行中'],
  succeeded: ['succeeded', '成功'],
  failed: ['failed', '失败'],
  cancelled: ['cancelled', '已取消'],
  rejected: ['refused', '已拒绝'],
})

export const STATE_TONES: Readonly<Record<JobState, Tone>> = {
  submitted: 'wait',
  inviting: 'wait',
  ready: 'busy',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
  rejected: 'bad',
}

export const isOver = (state: JobState): boolean =>
  state === 'succeeded' || state === 'failed' || state === 'cancelled' || state === 'rejected'

export const taskWords = dictionary({
  align: ['Align rows', '样本对齐'],
  profile: ['Profile columns', '列概况'],
  bin: ['Bin and WOE', '分箱与 WOE'],
  select: ['Select columns', '特征筛选'],
  train: ['Logistic regression', '逻辑回归'],
  boost: ['Boosted trees', '提升树'],
  value: ['Partner value', '各方价值'],
  score: ['Score rows', '批量评分'],
  statistics: ['Statistics', '联合统计'],
  average: ['Federated averaging', '联邦平均'],
})

export const taskStateWords = dictionary({
  waiting: ['to come', '未开始'],
  running: ['running', '进行中'],
  succeeded: ['done', '完成'],
  failed: ['failed', '失败'],
  cancelled: ['cancelled', '已取消'],
})

export const TASK_TONES: Readonly<Record<string, Tone>> = {
  waiting: 'plain',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'plain',
}

export const stageWords = dictionary({
  away: ['away', '离线'],
  invited: ['looks at the job', '审查作业中'],
  'awaiting-approval': ['waits for approval', '等待批准'],
  accepted: ['accepted', '已接受'],
  working: ['working', '计算中'],
  'left-out': ['left out', '缺席'],
  idle: ['waits for the others', '等待其他方'],
  done: ['done', '已结束'],
})

export const STAGE_TONES: Readonly<Record<PartyProgress['stage'], Tone>> = {
  away: 'bad',
  invited: 'wait',
  'awaiting-approval': 'wait',
  accepted: 'good',
  working: 'busy',
  'left-out': 'wait',
  idle: 'plain',
  done: 'plain',
}

/** Why rounds go on without a party. */
export const leftOutWords = dictionary({
  away: ['its agent is away', '代理离线'],
  late: ['it did not answer in time', '未按时完成'],
  behind: ['it is back and catches up', '已回来，正在补上'],
})

/** As agents say them; one that is not here is shown as it is. */
export const phaseWords = dictionary({
  counting: ['counting', '计数'],
  gradients: ['gradients', '梯度'],
  'hashing ids': ['hashing ids', '标识散列'],
  information: ['information matrix', '信息矩阵'],
  residuals: ['residuals', '残差'],
  scores: ['scores', '得分'],
  training: ['training', '本地训练'],
  'waiting for the sum': ['waiting for the sum', '等待汇总'],
  encrypting: ['encrypting', '加密'],
})

export const unitWords = dictionary({
  blocks: ['blocks', '块'],
  ids: ['ids', '个标识'],
  rows: ['rows', '行'],
  rounds: ['rounds', '轮'],
})

export const roleWords = dictionary({
  steward: ['data steward', '数据管理员'],
  compliance: ['compliance officer', '合规官'],
})
