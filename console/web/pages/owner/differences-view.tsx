// In what an approval differs from another: what a reader who knows the other has yet to read.
import type { Difference } from '#console/api/approvals.ts'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { approvalWords } from './approval-words.ts'

const words = dictionary({
  field: ['what', '项目'],
  before: ['there', '对照'],
  after: ['here', '此处'],
  same: ['Nothing differs.', '没有差异。'],
  none: ['none', '无'],
})

export function DifferencesView({ label, of }: { readonly label: string; readonly of: readonly Difference[] }) {
  const t = useWords(words)
  const name = useWords(approvalWords)
  const isKnown = (field: string): field is keyof typeof approvalWords => Object.hasOwn(approvalWords, field)
  return (
    <Table
      label={label}
      rows={of}
      rowId={({ field }) => field}
      empty={<p className="muted">{t('same')}</p>}
      columns={[
        { id: 'field', title: t('field'), cell: ({ field }) => (isKnown(field) ? name(field) : field) },
        { id: 'before', title: t('before'), cell: ({ before }) => before || t('none') },
        { id: 'after', title: t('after'), cell: ({ after }) => <strong>{after || t('none')}</strong> },
      ]}
    />
  )
}
