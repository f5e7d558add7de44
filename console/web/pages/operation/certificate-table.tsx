// Certificates with the time that they have left.
import type { Certificate } from '#console/api/operation.ts'
import { Digest, Duration, Party, Time } from '../../components/format.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useWords } from '../../words.ts'
import { CertificateWord } from './states.tsx'

const words = dictionary({
  holder: ['Holder', '持有方'],
  what: ['Certificate', '证书'],
  root: ['root', '根证书'],
  server: ['server', '服务端'],
  agent: ['agent', '代理'],
  state: ['State', '状态'],
  ends: ['Valid until', '有效期至'],
  left: ['Left', '剩余'],
  over: ['over', '已过期'],
  renews: ['Renewed', '续期'],
  byItself: ['by itself from', '自动，起始于'],
  byPeople: ['by people, with a new trust bundle', '人工，需更新信任清单'],
  serial: ['Serial number', '序列号'],
})

/** @param now milliseconds */
export function CertificateTable(props: {
  readonly label: string
  readonly rows: readonly Certificate[]
  readonly now: number
  readonly more?: { readonly isAsking: boolean; readonly ask: () => void } | undefined
}) {
  const t = useWords(words)
  const { label, rows, now, more } = props
  const leftOf = ({ validTo }: Certificate) => (Date.parse(validTo) - now) / 1000
  return (
    <Table
      label={label}
      rows={rows}
      rowId={(row) => `${row.holder} ${row.what} ${row.serial}`}
      more={more}
      mark={({ state }) =>
        state === 'expired' || state === 'revoked' ? 'bad' : state === 'ends-soon' ? 'wait' : undefined
      }
      columns={[
        { id: 'holder', title: t('holder'), cell: (row) => <Party name={row.holder} />, order: (row) => row.holder },
        { id: 'what', title: t('what'), cell: (row) => t(row.what), order: (row) => row.what },
        {
          id: 'state',
          title: t('state'),
          cell: (row) => <CertificateWord state={row.state} />,
          order: (row) => row.state,
        },
        { id: 'ends', title: t('ends'), cell: (row) => <Time at={row.validTo} />, order: (row) => row.validTo },
        {
          id: 'left',
          title: t('left'),
          align: 'end',
          cell: (row) => (leftOf(row) <= 0 ? t('over') : <Duration seconds={leftOf(row)} />),
          order: leftOf,
        },
        {
          id: 'renews',
          title: t('renews'),
          cell: (row) =>
            row.renewsItself ? (
              <>
                {t('byItself')} <Time at={row.renewsAt} />
              </>
            ) : (
              t('byPeople')
            ),
        },
        { id: 'serial', title: t('serial'), cell: (row) => <Digest value={row.serial} digits={10} /> },
      ]}
    />
  )
}
