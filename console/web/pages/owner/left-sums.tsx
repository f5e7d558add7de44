// What left, in sums: by kind, receiver, who can open it, and the approval that covers it.
import type { LeftSum } from '#console/api/ledger.ts'
import { classWords } from '#protocols/core/card.ts'
import type { MessageKind } from '#protocols/core/schedule.ts'
import { PageLink } from '../../components/button.tsx'
import { Bytes, Count, Digest, Party } from '../../components/format.tsx'
import { State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'

const words = dictionary({
  class: ['kind', '类别'],
  to: ['to', '接收方'],
  opened: ['can be opened by', '可解密方'],
  nobody: ['nobody: no content', '无内容'],
  messages: ['messages', '消息数'],
  bytes: ['contents', '内容'],
  envelopeBytes: ['on the wire', '线上字节'],
  approval: ['approval', '批准书'],
  none: ['none', '无'],
})

interface SumsProps {
  readonly label: string
  readonly sums: readonly LeftSum[]
  /** by digest */
  readonly approvals: Readonly<Record<string, string>>
}

export function LeftSums({ label, sums, approvals }: SumsProps) {
  const t = useWords(words)
  return (
    <Table
      label={label}
      rows={sums}
      rowId={({ class: kind, to, decryptableBy, approval }) => [kind, to, decryptableBy.join('+'), approval].join('/')}
      columns={[
        {
          id: 'class',
          title: t('class'),
          cell: (sum) => <KindOfMessage kind={sum.class} />,
          order: (sum) => sum.class,
        },
        { id: 'to', title: t('to'), cell: ({ to }) => <Party name={to} />, order: ({ to }) => to },
        { id: 'opened', title: t('opened'), cell: ({ decryptableBy }) => decryptableBy.join(' + ') || t('nobody') },
        {
          id: 'messages',
          title: t('messages'),
          align: 'end',
          cell: ({ messages }) => <Count value={messages} />,
          order: ({ messages }) => messages,
        },
        {
          id: 'bytes',
          title: t('bytes'),
          align: 'end',
          cell: ({ bytes }) => <Bytes value={bytes} />,
          order: ({ bytes }) => bytes,
        },
        {
          id: 'envelopeBytes',
          title: t('envelopeBytes'),
          align: 'end',
          cell: ({ envelopeBytes }) => <Bytes value={envelopeBytes} />,
          order: ({ envelopeBytes }) => envelopeBytes,
        },
        {
          id: 'approval',
          title: t('approval'),
          cell: ({ approval }) => <ApprovalOf digest={approval} approvals={approvals} />,
        },
      ]}
    />
  )
}

/** Plain numbers stand out: they tell something on purpose. */
export function KindOfMessage({ kind }: { readonly kind: string }) {
  const said = useSaid()
  const name = said(classWords(kind as MessageKind))
  const isPlain = kind === 'released-aggregate' || kind === 'split-sides'
  return isPlain ? <State tone="wait">{name}</State> : <>{name}</>
}

export function ApprovalOf({ digest, approvals }: { readonly digest: string } & Pick<SumsProps, 'approvals'>) {
  const t = useWords(words)
  const id = approvals[digest]
  if (digest === '') return <span className="muted">{t('none')}</span>
  return id === undefined ? <Digest value={digest} digits={8} /> : <PageLink to={`/approvals/${id}`}>{id}</PageLink>
}
