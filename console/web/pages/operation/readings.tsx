// Who looked at what in this console.
import { usePaged } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Empty } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { ROLE_NAMES, type PersonRole } from '#crypto/people/people.ts'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { coordinator, from } from './coordinator-client.ts'

const words = dictionary({
  title: ['Who looked at what', '查阅记录'],
  lead: [
    'Signed by whoever read, chained, and stated before the answer was given. A page that renews itself counts once in ten minutes.',
    '由查阅人签名、前后相连，并在给出内容之前记录。自动刷新的页面每十分钟计一次。',
  ],
  none: ['Nobody has looked at anything yet.', '尚无查阅记录。'],
  number: ['Number', '序号'],
  time: ['Time', '时间'],
  person: ['Person', '人员'],
  role: ['Role', '角色'],
  object: ['Read', '查阅内容'],
  job: ['Job', '作业'],
})

export default function Readings() {
  const t = useWords(words)
  const said = useSaid()
  const list = usePaged(['coordinator', 'access'], (after, signal) =>
    coordinator.access({ query: from(after) }, { signal }),
  )
  const roleWord = (role: string) => (role in ROLE_NAMES ? said(ROLE_NAMES[role as PersonRole]) : role)
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Answer of={list} empty={<Empty title={t('none')} />}>
        {(rows) => (
          <Table
            label={t('title')}
            rows={rows}
            rowId={({ number }) => number}
            more={list.more}
            columns={[
              { id: 'time', title: t('time'), cell: (row) => <Time at={row.time} /> },
              { id: 'person', title: t('person'), cell: (row) => row.person, isRowHeader: true },
              { id: 'role', title: t('role'), cell: (row) => roleWord(row.role) },
              { id: 'object', title: t('object'), cell: (row) => <code>{row.object}</code> },
              {
                id: 'job',
                title: t('job'),
                cell: (row) => (row.job === '' ? '–' : <PageLink to={`/queue/${row.job}`}>{row.job}</PageLink>),
              },
              { id: 'number', title: t('number'), align: 'end', cell: (row) => row.number },
            ]}
          />
        )}
      </Answer>
    </Page>
  )
}
