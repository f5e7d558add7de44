// Reads a data set once, as a job would, and names every problem with its mend; says how far it is.
import { useState } from 'react'
import { type CheckedDataset, type CheckEvent, dataCalls } from '#console/api/data.ts'
import { Button } from '../../components/button.tsx'
import { Count, Share } from '../../components/format.tsx'
import { Facts, Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Note, Progress, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useLive } from '../../events.ts'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { dataWord, dataWords } from './data-words.ts'

const words = dictionary({
  title: ['Check', '检查'],
  lead: [
    'Reads the data set once, as a job would. Ids and values are counted, never shown, and nothing leaves this machine.',
    '如作业一样完整读取一次数据集。标识与数值只计数、不显示，任何内容都不离开本机。',
  ],
  run: ['Check now', '立即检查'],
  again: ['Check again', '重新检查'],
  source: ['opening the source and counting rows', '打开数据源并统计行数'],
  ids: ['looking at the ids', '检查标识'],
  columns: ['looking at the columns', '检查各列'],
  label: ['looking at the label', '检查标签'],
  consents: ['looking at the consents', '检查授权'],
  of: ['part {n} of {total}: {part}', '第 {n}/{total} 部分：{part}'],
  good: ['nothing to mend', '无需处理'],
  bad: ['{n} {n|problem stops|problems stop} jobs', '{n} 个问题会阻止作业'],
  warned: ['{n} to look at', '{n} 项需留意'],
  rows: ['rows', '行数'],
  valid: ['valid ids', '有效标识'],
  validOf: ['{valid} of {total}', '{total} 个中 {valid} 个'],
  empty: ['empty', '空'],
  badFormat: ['of another form', '格式不符'],
  badCheck: ['wrong check character', '校验位错误'],
  duplicates: ['repeated', '重复'],
  good0: ['label 0', '标签为 0'],
  bad1: ['label 1', '标签为 1'],
  others: ['other labels', '其他标签'],
  indeterminate: ['without a label', '无标签'],
  consentsFor: ['rows with a consent for {host}', '对 {host} 有授权的行数'],
  missing: ['Columns with missing values', '有缺失值的列'],
  noMissing: ['No column has missing values.', '没有缺失值。'],
  column: ['column', '列'],
  share: ['missing', '缺失比例'],
  rule: ['they become', '处理方式'],
  error: ['stops jobs', '阻止作业'],
  warning: ['stops jobs that use the column', '阻止使用该列的作业'],
  mend: ['what to do', '处理办法'],
})

export function DatasetCheck({ name }: { readonly name: string }) {
  const t = useWords(words)
  const [turn, setTurn] = useState(0)
  return (
    <Section
      title={t('title')}
      lead={t('lead')}
      actions={<Button onPress={() => setTurn(turn + 1)}>{t(turn === 0 ? 'run' : 'again')}</Button>}
    >
      {turn === 0 ? null : <Running key={turn} name={name} />}
    </Section>
  )
}

function Running({ name }: { readonly name: string }) {
  const t = useWords(words)
  const [event, setEvent] = useState<CheckEvent>()
  const { error } = useLive(dataCalls.checkDataset, { params: { name } }, setEvent, {
    isOff: event?.report !== undefined,
  })
  const { part, done = 0, total = 1, report } = event ?? {}
  return (
    <>
      {error === undefined ? null : <ProblemNote error={error} />}
      {report === undefined && error === undefined ? (
        <Progress
          label={t('title')}
          done={done / total}
          {...(part === undefined ? {} : { words: t('of', { n: done + 1, total, part: t(part) }) })}
        />
      ) : null}
      {report === undefined ? null : <Report report={report} />}
    </>
  )
}

function Report({ report }: { readonly report: CheckedDataset }) {
  const t = useWords(words)
  const word = useWords(dataWords)
  const { rows, ids, label, consents, columns, problems } = report
  const errors = problems.filter(({ level }) => level === 'error').length
  const warnings = problems.length - errors
  const count = (value: number | undefined) => (value === undefined ? undefined : <Count value={value} />)
  return (
    <div role="status" className="owner-stack">
      <State tone={errors > 0 ? 'bad' : warnings > 0 ? 'wait' : 'good'}>
        {errors > 0 ? t('bad', { n: errors }) : warnings > 0 ? t('warned', { n: warnings }) : t('good')}
      </State>
      <Problems problems={problems} />
      <Facts
        of={[
          [t('rows'), count(rows)],
          [t('valid'), ids === undefined ? undefined : t('validOf', { valid: ids.valid, total: ids.total })],
          [t('empty'), count(ids?.empty)],
          [t('badFormat'), count(ids?.badFormat)],
          [t('badCheck'), count(ids?.badCheck)],
          [t('duplicates'), count(ids?.duplicates)],
          [t('good0'), count(label?.zeros)],
          [t('bad1'), count(label?.ones)],
          [t('others'), label === undefined || label.kind === 'binary' ? undefined : count(label.others)],
          [t('indeterminate'), count(label?.indeterminate)],
          ...Object.entries(consents).map(([host, n]): [string, React.ReactNode] => [
            t('consentsFor', { host }),
            count(n),
          ]),
        ]}
      />
      <h3>{t('missing')}</h3>
      <Table
        label={t('missing')}
        rows={columns.filter(({ missingShare }) => missingShare > 0)}
        rowId={(column) => column.name}
        empty={<p className="muted">{t('noMissing')}</p>}
        columns={[
          {
            id: 'name',
            title: t('column'),
            cell: (column) => <code>{column.name}</code>,
            order: (column) => column.name,
          },
          {
            id: 'share',
            title: t('share'),
            align: 'end',
            cell: ({ missingShare }) => <Share value={missingShare} />,
            order: ({ missingShare }) => missingShare,
          },
          { id: 'rule', title: t('rule'), cell: ({ rule }) => dataWord(word, rule) },
        ]}
      />
    </div>
  )
}

function Problems({ problems }: Pick<CheckedDataset, 'problems'>) {
  const t = useWords(words)
  const said = useSaid()
  return problems.map(({ code, level, message, summary, mend }) => (
    <Note key={`${code}/${message}`} tone={level === 'error' ? 'bad' : 'wait'} title={said(summary)}>
      <p>
        {t(level)} · <code>{code}</code>
      </p>
      <p className="muted">{message}</p>
      <p>
        {t('mend')}: {said(mend)}
      </p>
    </Note>
  ))
}
