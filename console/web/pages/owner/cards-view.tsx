// Who learns what: the card of each protocol, in the reader's language, with the digest that the approval names.
import { useState } from 'react'
import type { CardView } from '#console/api/approvals.ts'
import { Checkbox } from '../../components/fields.tsx'
import { Digest } from '../../components/format.tsx'
import { Badge, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'

const words = dictionary({
  version: ['version {n}', '版本 {n}'],
  card: ['SHA-256 of the card', '说明的 SHA-256'],
  end: ['At the end', '结束时'],
  messages: [
    '{n} messages; this party sends {ours} of them, {plain} as plain numbers',
    '共 {n} 种消息；本方发出其中 {ours} 种，{plain} 种为明文数值',
  ],
  table: ['Messages', '消息'],
  step: ['step', '步骤'],
  from: ['from', '发送方'],
  to: ['to', '接收方'],
  class: ['class', '类别'],
  learns: ['the receiver learns', '接收方能知道什么'],
  rows: ['from at least {n} rows', '至少由 {n} 行得出'],
  digits: ['at most {n} significant digits', '至多 {n} 位有效数字'],
  parts: ['in parts', '分片'],
  ours: ['only what leaves this party', '只看本方发出的'],
  plain: ['plain numbers', '明文数值'],
  separator: ['; ', '；'],
})

type Message = CardView['messages'][number]

export function CardsView({ cards }: { readonly cards: readonly CardView[] }) {
  const t = useWords(words)
  const [onlyOurs, setOnlyOurs] = useState(false)
  return (
    <>
      <Checkbox value={onlyOurs} onChange={setOnlyOurs}>
        {t('ours')}
      </Checkbox>
      {cards.map((card) => (
        <LearnsWhat key={card.protocol} card={card} onlyOurs={onlyOurs} />
      ))}
    </>
  )
}

function LearnsWhat({ card, onlyOurs }: { readonly card: CardView; readonly onlyOurs: boolean }) {
  const t = useWords(words)
  const said = useSaid()
  const ours = card.messages.filter((message) => message.ours)
  const messages = onlyOurs ? ours : card.messages
  return (
    <div className="owner-card">
      <h3>
        {said(card.title)} <Badge>{card.protocol}</Badge>{' '}
        <span className="muted">{t('version', { n: card.version })}</span>
      </h3>
      <p className="muted">
        {t('card')} <Digest value={card.digest} />
      </p>
      <h4>{t('end')}</h4>
      <ul className="owner-list">
        {card.atTheEnd.map(({ who, knows }) => (
          <li key={who.en}>
            <strong>{said(who)}</strong> {said(knows)}
          </li>
        ))}
      </ul>
      <details>
        <summary>
          {t('messages', {
            n: card.messages.length,
            ours: ours.length,
            plain: ours.filter(({ released }) => released).length,
          })}
        </summary>
        <Table<Message>
          label={`${said(card.title)}: ${t('table')}`}
          rows={messages}
          rowId={({ step, from, to }) => `${step}/${from.en}/${to.en}`}
          mark={({ released, ours }) => (released && ours ? 'wait' : undefined)}
          columns={[
            { id: 'step', title: t('step'), cell: ({ step }) => <code>{step}</code> },
            { id: 'from', title: t('from'), cell: ({ from }) => said(from) },
            { id: 'to', title: t('to'), cell: ({ to }) => said(to) },
            {
              id: 'class',
              title: t('class'),
              cell: ({ class: kind, parts, released }) => (
                <>
                  {released ? <State tone="wait">{said(kind)}</State> : said(kind)}
                  {parts ? <span className="muted"> {t('parts')}</span> : null}
                </>
              ),
            },
            { id: 'learns', title: t('learns'), cell: (message) => <Learns message={message} /> },
          ]}
        />
      </details>
    </div>
  )
}

function Learns({ message: { learns, minimumRows, digits } }: { readonly message: Message }) {
  const t = useWords(words)
  const said = useSaid()
  const bounds = [
    ...(minimumRows === 0 ? [] : [t('rows', { n: minimumRows })]),
    ...(digits === 0 ? [] : [t('digits', { n: digits })]),
  ]
  return <>{[said(learns), ...bounds].join(t('separator'))}</>
}
