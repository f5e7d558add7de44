// Checks in the manner of `tributary doctor`: green, or red with what mends it.
import type { Check } from '#console/api/operation.ts'
import { State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'

const words = dictionary({
  label: ['Checks', '检查项'],
  check: ['Check', '检查'],
  state: ['State', '状态'],
  green: ['in order', '正常'],
  red: ['to mend', '待处理'],
  found: ['Found', '发现'],
  mend: ['What to do', '处理办法'],
})

export function CheckList({ checks }: { readonly checks: readonly Check[] }) {
  const t = useWords(words)
  const said = useSaid()
  return (
    <Table
      label={t('label')}
      rows={checks}
      rowId={({ check }) => check}
      mark={({ state }) => (state === 'red' ? 'bad' : undefined)}
      columns={[
        { id: 'check', title: t('check'), cell: ({ title }) => said(title) },
        {
          id: 'state',
          title: t('state'),
          cell: ({ state }) => <State tone={state === 'green' ? 'good' : 'bad'}>{t(state)}</State>,
        },
        { id: 'found', title: t('found'), cell: ({ found }) => said(found) },
        { id: 'mend', title: t('mend'), cell: ({ mend }) => (mend === undefined ? '–' : said(mend)) },
      ]}
    />
  )
}
