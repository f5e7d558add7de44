// A dispute as people read it: what is asked for, and what the comparison says of each party.
import type { DisputeRequest } from '#party-agent/disputes/dispute.ts'
import type { Diagnosis } from '#protocols/fedavg/robustness/diagnose.ts'
import type { CliContext } from './context.ts'
import { formatTable } from './format.ts'

/** @param isPrivate the job adds noise for differential privacy */
export function requestLines({ t }: CliContext, request: DisputeRequest, id: string, isPrivate: boolean): string[] {
  const { job, round, guest, by, reason, time } = request
  return [
    ...formatTable([
      [t('dispute', '争议'), id],
      [t('job, round', '作业、轮次'), `${job}, ${round}`],
      [t('opened by', '提出'), `${guest} (${by}), ${time}`],
      [t('reason', '理由'), reason],
    ]),
    t(
      `What is shown: the update of round ${round}, its rows and salt. For this round ${guest} then knows what the encryption hid; an update can say something of the rows behind it.`,
      `出示内容：第 ${round} 轮的更新、行数与盐值。就该轮而言，${guest} 将得知加密所隐藏的内容；更新可能反映其背后样本的信息。`,
    ),
    ...(isPrivate
      ? [
          t(
            'This job has differential privacy: the update alone carries the noise of its own party only, so what is shown costs more ε than the account says, and the account does not count it.',
            '本作业采用差分隐私：单方更新只含本方的噪声，出示它所耗的 ε 大于账户所记，且账户不计入此项。',
          ),
        ]
      : []),
  ]
}

export function diagnosisLines({ t, style }: CliContext, lines: readonly Diagnosis[]): string[] {
  const head = [
    t('party', '参与方'),
    t('length', '长度'),
    t('of the median', '与中位数之比'),
    t('cosine', '余弦'),
    t('harm', '损害'),
    '',
  ]
  const rows = lines.map(({ party, length, lengthRatio, cosine, harm, suspect }) => [
    party,
    length.toPrecision(3),
    lengthRatio.toFixed(2),
    cosine.toFixed(3),
    harm.toFixed(5),
    suspect ? style('red', t('suspect', '可疑')) : '',
  ])
  return [
    ...formatTable([head, ...rows], [1, 2, 3, 4]),
    t(
      'harm: by how much the loss on your validation rows falls when this update is left out. A suspicion is a reason to look at that party’s rows and program, not a proof.',
      '损害：去掉该更新后，本方验证样本上的损失下降多少。可疑只是检查该方样本与程序的理由，并非证据。',
    ),
  ]
}
