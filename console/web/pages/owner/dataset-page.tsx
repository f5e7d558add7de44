// One data set: what is declared of it, a check on demand, and what was spent and released of it.
import { useParams } from 'wouter'
import { dataCalls, type DatasetFacts } from '#console/api/data.ts'
import { clientOf, useAsked } from '../../client.ts'
import { Count } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Note } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { dictionary, useLanguage, useWords } from '../../words.ts'
import { dataWord, dataWords } from './data-words.ts'
import { DatasetBudgetView } from './dataset-budget.tsx'
import { DatasetCheck } from './dataset-check.tsx'
import './owner.css'

const words = dictionary({
  back: ['Own data', '本方数据'],
  declared: ['What is declared', '声明内容'],
  unreadable: ['It cannot be read now; the check below says why.', '目前无法读取；下方检查会说明原因。'],
  source: ['source', '来源'],
  rows: ['rows, rounded down to a hundred', '行数（向下取整到百）'],
  idColumn: ['column of ids', '标识列'],
  idKind: ['kind of ids', '标识种类'],
  duplicates: ['where an id occurs more than once', '标识重复时'],
  orderBy: ['ordered by', '排序依据'],
  second: ['second id', '第二标识'],
  sampleId: ['name of each row', '样本编号'],
  label: ['label', '标签'],
  coverage: ['coverage', '覆盖范围'],
  consents: ['consents for', '授权对象'],
  purposes: ['consents count for', '授权用途'],
  observedAt: ['day on which a consent must hold', '授权须有效的日期列'],
  limit: ['ε that all jobs together may spend', '全部作业可用的 ε 上限'],
  noLimit: ['no limit', '无上限'],
  columns: ['Columns offered', '提供的列'],
  column: ['column', '列'],
  meaning: ['meaning', '含义'],
  alias: ['others see', '他方所见名称'],
  unit: ['unit', '单位'],
  sign: ['expected risk', '预期风险方向'],
  missing: ['missing values become', '缺失值处理'],
  cuts: ['own cut points', '自有切点'],
  specials: ['special codes', '特殊值'],
  staysHere: ['Cut points and special codes never leave this machine.', '切点与特殊值不会离开本机。'],
})
const client = clientOf(dataCalls)

export default function DatasetPage() {
  const { name = '' } = useParams()
  const t = useWords(words)
  const { role } = useVisitor()
  const facts = useAsked(['datasets', name], (signal) => client.dataset({ params: { name } }, { signal }))
  const mayCheck = role === 'steward' || role === 'compliance' || role === 'operator'
  const mayRead = role === 'steward' || role === 'compliance' || role === 'auditor'
  return (
    <Page title={name} back={{ to: '/datasets', title: t('back') }}>
      <Answer of={facts}>{(declared) => <Declared facts={declared} />}</Answer>
      {mayCheck ? <DatasetCheck name={name} /> : null}
      {mayRead ? <DatasetBudgetView name={name} /> : null}
    </Page>
  )
}

function Declared({ facts: { row, ids, consent, columns } }: { readonly facts: DatasetFacts }) {
  const t = useWords(words)
  const word = useWords(dataWords)
  const language = useLanguage()
  const { label, rows, coverage, limit } = row
  return (
    <Section title={t('declared')}>
      {rows === undefined ? <Note tone="bad">{t('unreadable')}</Note> : null}
      <Facts
        of={[
          [t('source'), word(row.source)],
          [t('rows'), rows === undefined ? undefined : <Count key="rows" value={rows} />],
          [t('idColumn'), <code key="id">{ids.column}</code>],
          [t('idKind'), dataWord(word, ids.kind)],
          [t('duplicates'), dataWord(word, ids.duplicates)],
          [t('orderBy'), ids.orderBy],
          [t('second'), ids.second],
          [t('sampleId'), ids.sampleId],
          [t('label'), label === undefined ? undefined : `${label.column}: ${dataWord(word, label.kind)}`],
          [t('coverage'), word(coverage)],
          [t('consents'), consent?.hosts.join(', ')],
          [t('purposes'), consent?.purposes.join('; ')],
          [t('observedAt'), consent?.observedAt],
          [t('limit'), limit === undefined ? t('noLimit') : String(limit)],
        ]}
      />
      <h3>{t('columns')}</h3>
      <p className="muted">{t('staysHere')}</p>
      <Table
        label={t('columns')}
        rows={columns}
        rowId={({ name }) => name}
        columns={[
          { id: 'name', title: t('column'), cell: ({ name }) => <code>{name}</code>, order: ({ name }) => name },
          {
            id: 'meaning',
            title: t('meaning'),
            cell: ({ en = '', zh = '' }) => (language === 'zh' ? zh || en : en || zh),
          },
          { id: 'alias', title: t('alias'), cell: ({ alias }) => <code>{alias}</code> },
          { id: 'unit', title: t('unit'), cell: ({ unit = '' }) => unit },
          { id: 'sign', title: t('sign'), cell: ({ sign }) => (sign === undefined ? '' : word(sign)) },
          { id: 'missing', title: t('missing'), cell: ({ missing }) => dataWord(word, missing) },
          { id: 'cuts', title: t('cuts'), align: 'end', cell: ({ cuts }) => <Count value={cuts} /> },
          { id: 'specials', title: t('specials'), align: 'end', cell: ({ specials }) => <Count value={specials} /> },
        ]}
      />
    </Section>
  )
}
