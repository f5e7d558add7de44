// The records of a run, in the order of the log, a page at a time: each in one sentence, with a link to the whole of it.
import { useState } from 'react'
import { recordCalls } from '#console/api/record.ts'
import type { RecordLine } from '#console/api/record-shapes.ts'
import { clientOf, usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Select } from '../../components/fields.tsx'
import { Time } from '../../components/format.tsx'
import { Answer, Empty, State } from '../../components/state.tsx'
import { type Column, Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { kindWords, sentenceOf } from './record-words.ts'

const words = dictionary({
  label: ['Records in the order of the log', '按日志次序的记录'],
  number: ['No.', '编号'],
  time: ['Time', '时间'],
  author: ['By', '作者'],
  says: ['Says', '内容'],
  sealed: ['Cosigned', '会签'],
  yes: ['by all', '全体'],
  no: ['not yet', '尚未'],
  kind: ['Kind', '种类'],
  allKinds: ['all kinds', '全部种类'],
  everybody: ['everybody', '全部'],
  of: ['Records of', '作者'],
  none: ['No records here', '此处无记录'],
})

export interface RecordsFilter {
  readonly from?: number
  readonly to?: number
  readonly party?: string
}

const calls = clientOf(recordCalls)
/** of a run; the other kinds are not in its records */
const KINDS = Object.keys(kindWords).filter(
  (kind) => !/^(log\.|collaboration|approval\.(used|awaited)|round\.voided)/.test(kind),
)

interface RecordsProps {
  readonly job: string
  readonly filter: RecordsFilter
  readonly onParty: (party: { readonly party?: string }) => void
}

export function RecordsList({ job, filter, onParty }: RecordsProps) {
  const t = useWords(words)
  const named = useWords(kindWords)
  const [kind, setKind] = useState('all')
  const records = usePaged(['record', 'records', job, filter, kind], (after, signal) => {
    const query = { ...filter, ...(kind === 'all' ? {} : { kind }), ...(after === undefined ? {} : { after }) }
    return calls.runRecords({ params: { job }, query }, { signal })
  })
  const kinds = [
    { id: 'all', title: t('allKinds') },
    ...KINDS.map((id) => ({ id, title: named(id as keyof typeof kindWords) })),
  ]
  const who = filter.party === undefined ? [] : [{ id: filter.party, title: filter.party }]
  return (
    <>
      <div className="filters">
        <Select label={t('kind')} options={kinds} value={kind} onChange={setKind} />
        {filter.party === undefined ? null : (
          <Select
            label={t('of')}
            options={[{ id: '', title: t('everybody') }, ...who]}
            value={filter.party}
            onChange={(party) => onParty(party === '' ? {} : { party })}
          />
        )}
      </div>
      <Answer of={records} empty={<Empty title={t('none')} />}>
        {(rows) => <Records rows={rows} more={records.more} />}
      </Answer>
    </>
  )
}

function Records({ rows, more }: { rows: readonly RecordLine[]; more: ReturnType<typeof usePaged>['more'] }) {
  const t = useWords(words)
  const named = useWords(kindWords)
  const columns: Column<RecordLine>[] = [
    {
      id: 'number',
      title: t('number'),
      align: 'end',
      cell: ({ collaboration, number }) => (
        <PageLink to={`/record/logs/${collaboration}/${number}`}>
          <span className="numeric">{number}</span>
        </PageLink>
      ),
    },
    { id: 'time', title: t('time'), cell: ({ time }) => <Time at={time} /> },
    { id: 'author', title: t('author'), cell: ({ author }) => author },
    {
      id: 'says',
      title: t('says'),
      cell: ({ kind, gist }) => (
        <>
          {sentenceOf(kind, gist)}
          <span className="muted small"> · {named(kind as keyof typeof kindWords)}</span>
        </>
      ),
    },
    {
      id: 'sealed',
      title: t('sealed'),
      cell: ({ isSealed }) => <State tone={isSealed ? 'good' : 'busy'}>{t(isSealed ? 'yes' : 'no')}</State>,
    },
  ]
  const mark = ({ kind, gist }: RecordLine) => {
    if (kind === 'policy.refused' || kind === 'anomaly' || gist['voided'] === true) return 'bad' as const
    return gist['check'] === 'refused' || kind === 'approval.revoked' ? ('wait' as const) : undefined
  }
  return (
    <Table label={t('label')} columns={columns} rows={rows} rowId={({ number }) => number} more={more} mark={mark} />
  )
}
