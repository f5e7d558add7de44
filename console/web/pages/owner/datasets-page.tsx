// The data sets that this party declared, and what its policy lets jobs do with them.
import { dataCalls, type PolicyRule } from '#console/api/data.ts'
import { clientOf, useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Count } from '../../components/format.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { Answer, Empty, Note, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { dataWord, dataWords } from './data-words.ts'
import './owner.css'

const words = dictionary({
  title: ['Own data', '本方数据'],
  lead: [
    'Declared in agent.yaml by whoever runs the agent. Rows stay on this machine; others see names of columns and the number of rows, rounded down to a hundred.',
    '由运行代理的人员在 agent.yaml 中声明。数据行不离开本机；他方只能看到列名与向下取整到百的行数。',
  ],
  none: ['No data set is declared.', '未声明任何数据集。'],
  noneWhy: [
    'Declare one under “datasets” in agent.yaml and start the agent again.',
    '请在 agent.yaml 的“datasets”下声明后重启代理。',
  ],
  sets: ['Data sets', '数据集'],
  name: ['data set', '数据集'],
  ids: ['ids', '标识'],
  rows: ['rows', '行数'],
  unreadable: ['cannot be read: run the check', '无法读取：请运行检查'],
  columns: ['columns offered', '提供的列数'],
  label: ['label', '标签'],
  noLabel: ['none', '无'],
  consent: ['consents', '授权'],
  asked: ['asked for by row', '逐行核验'],
  notAsked: ['not asked for', '不核验'],
  policy: ['Policy', '策略'],
  policyLead: [
    'The outer fence, kept in agent.yaml. A job must match one rule in everything, and after that an approval that two people signed.',
    '外层边界，由 agent.yaml 设定。作业须完全符合其中一条规则，此后还须有两人签署的批准书。',
  ],
  noRules: ['No rule: every job is refused.', '没有规则：拒绝一切作业。'],
  anyPurpose: ['any purpose', '任何用途'],
  purposes: ['for: {names}', '用途：{names}'],
  anyPeer: ['with any other parties', '可有任何其他参与方'],
  peers: ['with: {names}', '其他参与方：{names}'],
  allColumns: ['every column offered', '所提供的全部列'],
  rule: ['Jobs of {guest}', '{guest} 的作业'],
  may: ['may use', '可使用'],
  protocols: ['by: {names}', '协议：{names}'],
  least: ['at least {n} common rows', '交集至少 {n} 行'],
  most: ['at most {n} rounds', '至多 {n} 轮'],
  approvalsOn: [
    'Beyond the policy, two people of this party sign each approval.',
    '除策略外，每份批准书须由本方两人签署。',
  ],
  ownJobs: ["This party's own jobs need no approval.", '本方自己的作业无需批准。'],
  approvalsOff: ['No approval of people is asked for: the policy alone decides.', '不要求人员批准：仅由策略决定。'],
})
const client = clientOf(dataCalls)

export default function DatasetsPage() {
  const t = useWords(words)
  const word = useWords(dataWords)
  const sets = useAsked(['datasets'], (signal) => client.datasets({}, { signal }))
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Section title={t('sets')} tour="datasets">
        <Answer
          of={sets}
          empty={
            <Empty title={t('none')}>
              <p>{t('noneWhy')}</p>
            </Empty>
          }
        >
          {({ items }) => (
            <Table
              label={t('sets')}
              rows={items}
              rowId={({ name }) => name}
              columns={[
                {
                  id: 'name',
                  title: t('name'),
                  cell: ({ name }) => <PageLink to={`/datasets/${name}`}>{name}</PageLink>,
                },
                { id: 'ids', title: t('ids'), cell: ({ idKind }) => dataWord(word, idKind) },
                {
                  id: 'rows',
                  title: t('rows'),
                  align: 'end',
                  cell: ({ rows }) =>
                    rows === undefined ? <State tone="bad">{t('unreadable')}</State> : <Count value={rows} />,
                  order: ({ rows = -1 }) => rows,
                },
                { id: 'columns', title: t('columns'), align: 'end', cell: ({ columns }) => <Count value={columns} /> },
                {
                  id: 'label',
                  title: t('label'),
                  cell: ({ label }) =>
                    label === undefined ? t('noLabel') : `${label.column}: ${dataWord(word, label.kind)}`,
                },
                { id: 'consent', title: t('consent'), cell: ({ consent }) => t(consent ? 'asked' : 'notAsked') },
              ]}
            />
          )}
        </Answer>
      </Section>
      <Policy />
    </Page>
  )
}

function Policy() {
  const t = useWords(words)
  const policy = useAsked(['policy'], (signal) => client.policy({}, { signal }))
  return (
    <Section title={t('policy')} lead={t('policyLead')}>
      <Answer of={policy}>
        {({ rules, approvals }) => (
          <>
            {rules.length === 0 ? <Empty title={t('noRules')} /> : null}
            {rules.map((rule, i) => (
              <Rule key={`${i}/${rule.guest}`} rule={rule} />
            ))}
            <Note tone={approvals === 'off' ? 'wait' : 'plain'}>
              <p>{t(approvals === 'off' ? 'approvalsOff' : 'approvalsOn')}</p>
              {approvals !== 'off' && approvals.ownJobs === 'allowed' ? <p>{t('ownJobs')}</p> : null}
            </Note>
          </>
        )}
      </Answer>
    </Section>
  )
}

function Rule({ rule }: { readonly rule: PolicyRule }) {
  const t = useWords(words)
  const { guest, purposes, protocols, datasets, peers, minIntersection, maxRounds } = rule
  return (
    <div className="owner-card">
      <h3>{t('rule', { guest })}</h3>
      <ul className="owner-list">
        {datasets.map(({ name, columns }) => (
          <li key={name}>
            {t('may')} <strong>{name}</strong>: {columns === 'all' ? t('allColumns') : columns.join(', ')}
          </li>
        ))}
        <li>{purposes === 'any' ? t('anyPurpose') : t('purposes', { names: purposes.join('; ') })}</li>
        <li>{peers === 'any' ? t('anyPeer') : t('peers', { names: peers.join(', ') })}</li>
        <li>{t('protocols', { names: protocols.join(', ') })}</li>
        <li>
          {t('least', { n: minIntersection })}, {t('most', { n: maxRounds })}
        </li>
      </ul>
    </div>
  )
}
