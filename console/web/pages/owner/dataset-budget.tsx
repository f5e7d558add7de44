// What jobs have told of a data set so far: ε spent by training with differential privacy, and the sets of rows that stood
// behind results. Reading it is stated in the access log.
import { dataCalls, type DatasetBudget } from '#console/api/data.ts'
import { clientOf, useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Count, Figure, figureText, Time } from '../../components/format.tsx'
import { Section } from '../../components/layout.tsx'
import { Answer, Gauge, Note } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { dataWord, dataWords } from './data-words.ts'

const words = dictionary({
  privacy: ['Privacy budget', '隐私预算'],
  privacyLead: [
    'Of all jobs with differential privacy together, for any one row. ε of several jobs does not simply add up.',
    '全部差分隐私作业合计，针对任意一行。多个作业的 ε 不是简单相加。',
  ],
  spent: ['ε {spent} of at most {limit}, at δ {delta}', '已用 ε {spent}，上限 {limit}，δ 为 {delta}'],
  free: ['ε {spent} at δ {delta}; no limit is set', '已用 ε {spent}，δ 为 {delta}；未设上限'],
  nothing: ['No job with differential privacy has trained on it.', '尚无差分隐私作业在其上训练。'],
  job: ['job', '作业'],
  unit: ['protects', '保护单位'],
  rounds: ['rounds', '轮次'],
  epsilon: ['ε of this job alone', '该作业单独的 ε'],
  last: ['last round', '最近一轮'],
  cells: ['Sets of rows behind results', '结果背后的样本集'],
  cellsLead: [
    'Two of them must be equal or differ in at least {n} rows: a job that would come nearer is refused, for the difference of two results would tell about a handful of rows.',
    '任意两个样本集须相同或至少相差 {n} 行：更接近的作业会被拒绝，因为两次结果之差会暴露少数几行。',
  ],
  cellsNone: ['Nothing was released of it yet.', '尚未公布过任何结果。'],
  cellsCount: ['{cells} sets in {jobs} {jobs|job|jobs}', '{jobs} 个作业，{cells} 个样本集'],
  what: ['set', '样本集'],
  size: ['rows', '行数'],
  sizeOf: ['{count} of {total}', '{count}/{total}'],
  version: ['version of the data', '数据版本'],
  fingerprint: ['fingerprint', '指纹'],
  time: ['time', '时间'],
  latest: ['The latest {n} are shown.', '仅显示最近 {n} 个。'],
})
const client = clientOf(dataCalls)

export function DatasetBudgetView({ name }: { readonly name: string }) {
  const t = useWords(words)
  const budget = useAsked(['datasets', name, 'budget'], (signal) =>
    client.datasetBudget({ params: { name } }, { signal }),
  )
  return (
    <>
      <Section title={t('privacy')} lead={t('privacyLead')}>
        <Answer of={budget}>{(found) => <Privacy privacy={found.privacy} />}</Answer>
      </Section>
      <Section title={t('cells')} lead={t('cellsLead', { n: budget.data?.leastDifference ?? 10 })}>
        <Answer of={budget}>{(found) => <Cells budget={found} />}</Answer>
      </Section>
    </>
  )
}

function Privacy({ privacy: { epsilon, delta, limit, jobs } }: Pick<DatasetBudget, 'privacy'>) {
  const t = useWords(words)
  const facts = { spent: figureText(epsilon, 3), delta: String(delta) }
  return (
    <>
      {limit === undefined ? (
        <p>{t('free', facts)}</p>
      ) : (
        <Gauge
          label={t('privacy')}
          value={epsilon}
          most={limit}
          words={t('spent', { ...facts, limit: String(limit) })}
        />
      )}
      <Table
        label={t('privacy')}
        rows={jobs}
        rowId={({ job }) => job}
        empty={<p className="muted">{t('nothing')}</p>}
        columns={[
          { id: 'job', title: t('job'), cell: ({ job }) => <PageLink to={`/left/${job}`}>{job}</PageLink> },
          { id: 'unit', title: t('unit'), cell: ({ unit }) => unit },
          { id: 'rounds', title: t('rounds'), align: 'end', cell: ({ rounds }) => <Count value={rounds} /> },
          {
            id: 'epsilon',
            title: t('epsilon'),
            align: 'end',
            cell: (job) => <Figure value={job.epsilon} digits={3} />,
          },
          { id: 'last', title: t('last'), cell: ({ last }) => <Time at={last} />, order: ({ last }) => last },
        ]}
      />
    </>
  )
}

function Cells({ budget: { cells, cellCount, jobs } }: { readonly budget: DatasetBudget }) {
  const t = useWords(words)
  const word = useWords(dataWords)
  return (
    <>
      {cellCount === 0 ? null : <p>{t('cellsCount', { cells: cellCount, jobs })}</p>}
      {cellCount > cells.length ? <Note>{t('latest', { n: cells.length })}</Note> : null}
      <Table
        label={t('cells')}
        rows={cells}
        rowId={({ version, job, what }) => `${version}/${job}/${what}`}
        empty={<p className="muted">{t('cellsNone')}</p>}
        columns={[
          { id: 'what', title: t('what'), cell: ({ what }) => dataWord(word, what), order: ({ what }) => what },
          {
            id: 'size',
            title: t('size'),
            align: 'end',
            cell: ({ count, total }) => <span className="numeric">{t('sizeOf', { count, total })}</span>,
            order: ({ count }) => count,
          },
          { id: 'job', title: t('job'), cell: ({ job }) => <PageLink to={`/left/${job}`}>{job}</PageLink> },
          { id: 'version', title: t('version'), cell: ({ version }) => <code>{version.slice(0, 8)}</code> },
          { id: 'set', title: t('fingerprint'), cell: ({ set }) => <code>{set}</code> },
          { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} />, order: ({ time }) => time },
        ]}
      />
    </>
  )
}
