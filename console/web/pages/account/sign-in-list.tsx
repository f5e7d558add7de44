// The record of sign-ins as a table: of the own name, or of everybody for those who watch over it.
import { accountCalls, type SignInEntry } from '#console/api/account.ts'
import { clientOf, usePaged } from '../../client.ts'
import { timeText } from '../../components/format.tsx'
import { Answer, Empty, State, type Tone } from '../../components/state.tsx'
import { Table, type Column } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { BY } from './own-sessions.tsx'
import { words } from './words.ts'

const account = clientOf(accountCalls)
const queryOf = (after: string | undefined) => ({ query: after === undefined ? {} : { after } })

export function OwnSignIns() {
  const asked = usePaged(['account', 'sign-ins'], (after, signal) => account.ownSignIns(queryOf(after), { signal }))
  return <SignInTable asked={asked} isOwn />
}

/** Of all people; for compliance and auditors. Asking for it is recorded. */
export function SignInList() {
  const asked = usePaged(['record', 'sign-ins'], (after, signal) => account.signIns(queryOf(after), { signal }))
  return <SignInTable asked={asked} />
}

function SignInTable({ asked, isOwn = false }: { readonly asked: Asked; readonly isOwn?: boolean }) {
  const t = useWords(words)
  const who: Column<SignInEntry> = {
    id: 'person',
    title: t('person'),
    cell: ({ person, event }) => person || (event === 'started' ? '—' : t('nobodyOfHere')),
  }
  return (
    <Answer of={asked}>
      {(rows) => (
        <Table
          label={t(isOwn ? 'history' : 'everybody')}
          rows={rows}
          rowId={({ seq }) => seq}
          more={asked.more}
          mark={({ event }) => (event === 'refused' ? 'bad' : undefined)}
          empty={<Empty title={t('empty')} />}
          columns={[
            { id: 'time', title: t('time'), cell: ({ time }) => timeText(time) },
            ...(isOwn ? [] : [who]),
            { id: 'event', title: t('event'), cell: ({ event }) => <State tone={toneOf(event)}>{t(event)}</State> },
            { id: 'how', title: t('how'), cell: ({ how }) => (how in BY ? t(BY[how as keyof typeof BY]) : '—') },
            { id: 'from', title: t('from'), cell: ({ address }) => address || '—' },
            { id: 'details', title: t('details'), cell: (row) => detailsOf(row, t) },
          ]}
        />
      )}
    </Answer>
  )
}

type Asked = ReturnType<typeof usePaged<SignInEntry>>

type Telling = ReturnType<typeof useWords<typeof words>>

function detailsOf({ code, reason, acr, amr, link }: SignInEntry, t: Telling): string {
  // the provider's own word stands behind the colon
  const [known = '', word = ''] = reason.split(': ')
  const why = reason === '' ? '' : [t(known as keyof typeof words), word].filter(Boolean).join(': ')
  return [why, code, acr, amr.join(' '), link].filter(Boolean).join(' · ') || '—'
}

function toneOf(event: SignInEntry['event']): Tone {
  if (event === 'refused') return 'bad'
  return event === 'signed-in' ? 'good' : 'plain'
}
