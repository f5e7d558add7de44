// What each party offers: data sets, kinds of ids, rows and columns; of the own ones also what is declared of them.
import { useMemo, useState } from 'react'
import { type Catalogue, catalogueCalls, type OfferedColumn, type OfferedData } from '#console/api/catalogue.ts'
import { clientOf, useAsked, useSession } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { TextField } from '../../components/fields.tsx'
import { Count, Party } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, Badge, Empty, State } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useLanguage, useWords } from '../../words.ts'
import './jobs.css'

const words = dictionary({
  title: ['Data catalogue', '数据目录'],
  lead: [
    'What each party of the federation offers: names and shapes, never a value. Rows are rounded down to a hundred.',
    '联邦中各方提供的数据：仅有名称与规模，绝无数据值。行数向下取整到百。',
  ],
  newJob: ['New job', '新建作业'],
  find: ['Find a column or data set', '查找列或数据集'],
  own: ['your party', '本方'],
  connected: ['connected', '在线'],
  away: ['away', '离线'],
  never: ['was never connected', '从未连接'],
  nothing: ['This party offers no data set.', '该方没有提供数据集。'],
  nothingFits: ['Nothing that this party offers has this in its name.', '该方提供的数据中没有名称包含此内容的。'],
  nobody: ['There is nobody in the federation yet.', '联邦中尚无参与方。'],
  rows: ['Rows', '行数'],
  about: ['about', '约'],
  ids: ['Kind of ids', '标识类型'],
  label: ['Label', '标签'],
  count: ['{n} {n|column|columns}', '{n} 列'],
  column: ['Column', '列名'],
  alias: ['Alias', '别名'],
  meaning: ['Meaning', '含义'],
  unit: ['Unit', '单位'],
  sign: ['Expected direction', '业务方向'],
  riskier: ['larger is riskier', '越大风险越高'],
  safer: ['larger is safer', '越大风险越低'],
  neither: ['none', '无'],
  software: ['Software', '软件版本'],
})

const calls = clientOf(catalogueCalls)

export default function CataloguePage() {
  const t = useWords(words)
  const catalogue = useAsked(['catalogue'], (signal) => calls.catalogue({}, { signal }), { every: 15_000 })
  const [wanted, setWanted] = useState('')
  const isModeler = useSession().data?.person.role === 'modeler'
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        isModeler ? (
          <ButtonLink to="/jobs/new" look="primary">
            {t('newJob')}
          </ButtonLink>
        ) : undefined
      }
    >
      <div className="narrow" data-tour="catalogue">
        <TextField label={t('find')} type="search" value={wanted} onChange={setWanted} maxLength={128} />
      </div>
      <Answer of={catalogue} empty={<Empty title={t('nobody')} />} isEmpty={({ parties }) => parties.length === 0}>
        {({ parties }) =>
          [...parties]
            .sort((a, b) => Number(b.isOwn) - Number(a.isOwn))
            .map((party) => <Offering key={party.party} party={party} wanted={wanted.trim().toLowerCase()} />)
        }
      </Answer>
    </Page>
  )
}

function Offering({ party, wanted }: { readonly party: Catalogue['parties'][number]; readonly wanted: string }) {
  const t = useWords(words)
  const shown = party.data.filter((data) => wanted === '' || textOf(data).includes(wanted))
  return (
    <Section
      title={party.party}
      actions={
        <>
          {party.isOwn ? <Badge>{t('own')}</Badge> : null}
          <State tone={party.connected ? 'good' : 'wait'}>{t(party.connected ? 'connected' : 'away')}</State>
          <span className="muted">{party.software === '' ? t('never') : party.software}</span>
        </>
      }
    >
      {shown.length === 0 ? (
        <p className="muted">{t(party.data.length === 0 ? 'nothing' : 'nothingFits')}</p>
      ) : (
        shown.map((data) => (
          <DataSet key={data.name} data={data} owner={party.party} isOwn={party.isOwn} wanted={wanted} />
        ))
      )}
    </Section>
  )
}

function DataSet(props: { data: OfferedData; owner: string; isOwn: boolean; wanted: string }) {
  const t = useWords(words)
  const { data, owner, isOwn, wanted } = props
  const isNamed = wanted !== '' && !data.name.toLowerCase().includes(wanted)
  const columns = isNamed ? data.columns.filter((column) => columnText(column).includes(wanted)) : data.columns
  return (
    <article className="data-set" aria-label={`${owner} ${data.name}`}>
      <h3>
        <Party name={data.name} />
      </h3>
      <Facts
        of={[
          [
            t('rows'),
            <span key="rows">
              {t('about')} <Count value={data.rows} />
            </span>,
          ],
          [t('ids'), data.ids.join(', ')],
          [t('label'), data.label],
        ]}
      />
      <details open={wanted !== '' || isOwn}>
        <summary>{t('count', { n: columns.length })}</summary>
        {isOwn ? <Declared columns={columns} label={`${owner} ${data.name}`} /> : <Names columns={columns} />}
      </details>
    </article>
  )
}

function Names({ columns }: { readonly columns: readonly OfferedColumn[] }) {
  return (
    <ul className="column-names">
      {columns.map(({ name }) => (
        <li key={name}>
          <code>{name}</code>
        </li>
      ))}
    </ul>
  )
}

function Declared({ columns, label }: { readonly columns: readonly OfferedColumn[]; readonly label: string }) {
  const t = useWords(words)
  const language = useLanguage()
  const shown = useMemo((): Column<OfferedColumn>[] => {
    const directions = { '+': t('riskier'), '-': t('safer'), '0': t('neither') }
    return [
      { id: 'name', title: t('column'), cell: ({ name }) => <code>{name}</code>, order: ({ name }) => name },
      { id: 'alias', title: t('alias'), cell: ({ alias }) => alias ?? '—', order: ({ alias }) => alias ?? '' },
      { id: 'meaning', title: t('meaning'), cell: ({ title }) => title?.[language] ?? title?.zh ?? title?.en ?? '—' },
      { id: 'unit', title: t('unit'), cell: ({ unit }) => unit ?? '—' },
      { id: 'sign', title: t('sign'), cell: ({ sign }) => (sign === undefined ? '—' : directions[sign]) },
    ]
  }, [t, language])
  return <Table label={label} columns={shown} rows={columns} rowId={({ name }) => name} />
}

const columnText = ({ name, alias, title }: OfferedColumn) =>
  [name, alias, title?.en, title?.zh].filter(Boolean).join(' ').toLowerCase()
const textOf = (data: OfferedData) => [data.name.toLowerCase(), ...data.columns.map(columnText)].join(' ')
