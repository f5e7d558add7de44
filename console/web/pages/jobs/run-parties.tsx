// What each party of a running job does: a row a party, drawn again only when something of it changed.
import { memo } from 'react'
import type { PartyProgress } from '#console/api/job-progress.ts'
import { Bytes, Party } from '../../components/format.tsx'
import { State } from '../../components/state.tsx'
import { dictionary, useWords } from '../../words.ts'
import { leftOutWords, phaseWords, roleWords, STAGE_TONES, stageWords, taskWords, unitWords } from './job-words.ts'

const words = dictionary({
  party: ['Party', '参与方'],
  line: ['Connection', '连接'],
  stage: ['State', '状态'],
  doing: ['What it does', '正在进行'],
  sent: ['Sent', '已发送'],
  received: ['Received', '已接收'],
  guest: ['submitted the job', '发起方'],
  member: ['member of {group}', '{group} 组成员'],
  connected: ['connected', '在线'],
  away: ['away', '离线'],
  signed: ['{done} of {total} signed; missing: {roles}', '已签 {done}/{total}；待签：{roles}'],
  at: ['{task}, round {round}', '{task}，第 {round} 轮'],
  counted: ['{phase} {done} of {total} {unit}', '{phase} {done}/{total} {unit}'],
  label: ['What each party does', '各方进展'],
})

export function PartyTable({ parties, guest }: { readonly parties: readonly PartyProgress[]; readonly guest: string }) {
  const t = useWords(words)
  return (
    <div className="table-frame">
      {/* scrolls sideways when it must; a region with a name, so that a keyboard gets there */}
      <div className="table-scroll" role="region" aria-label={t('label')} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t('party')}</th>
              <th scope="col">{t('line')}</th>
              <th scope="col">{t('stage')}</th>
              <th scope="col">{t('doing')}</th>
              <th scope="col" className="end">
                {t('sent')}
              </th>
              <th scope="col" className="end">
                {t('received')}
              </th>
            </tr>
          </thead>
          <tbody>
            {parties.map((party) => (
              <PartyRow key={party.party} party={party} isGuest={party.party === guest} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}

const PartyRow = memo(function PartyRow({
  party,
  isGuest,
}: {
  readonly party: PartyProgress
  readonly isGuest: boolean
}) {
  const t = useWords(words)
  const stage = useWords(stageWords)
  const doing = useDoing()
  const { connected, group } = party
  const role = isGuest ? t('guest') : group === undefined ? undefined : t('member', { group })
  const tone = STAGE_TONES[party.stage]
  return (
    <tr data-mark={tone === 'bad' || tone === 'wait' ? tone : undefined}>
      <th scope="row" data-title={t('party')}>
        <Party name={party.party} {...(role === undefined ? {} : { role })} />
      </th>
      <td data-title={t('line')}>
        <State tone={connected ? 'good' : 'bad'}>{t(connected ? 'connected' : 'away')}</State>
      </td>
      <td data-title={t('stage')}>
        <State tone={tone}>{stage(party.stage)}</State>
      </td>
      <td data-title={t('doing')}>{doing(party)}</td>
      <td data-title={t('sent')} className="end">
        <Bytes value={party.sent} />
      </td>
      <td data-title={t('received')} className="end">
        <Bytes value={party.received} />
      </td>
    </tr>
  )
})

/** One line: which signatures are missing, why it is left out, or phase and count of what it computes. */
function useDoing(): (party: PartyProgress) => string {
  const t = useWords(words)
  const task = useWords(taskWords)
  const phrase = useWords(phaseWords)
  const units = useWords(unitWords)
  const leftOut = useWords(leftOutWords)
  const roles = useWords(roleWords)
  return ({ stage, task: name, round, phase = '', done, total, unit = '' }) => {
    if (stage === 'awaiting-approval') {
      const missing = unit.split(', ').map((role) => roles(role as 'steward'))
      return t('signed', { done, total, roles: missing.join(', ') })
    }
    if (stage === 'left-out') return leftOut(phase as 'late')
    if (name === undefined) return '—'
    const at = t('at', { task: task(name as 'train'), round })
    if (phase === '') return at
    const said = phrase(phase as 'scores')
    return `${at}: ${total > 0 ? t('counted', { phase: said, done, total, unit: units(unit as 'rows') }) : said}`
  }
}
