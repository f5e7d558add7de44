// Where one is signed in, and ending it.
import { useState } from 'react'
import { accountCalls, type OwnSession } from '#console/api/account.ts'
import { askAgain, clientOf, signOut, useAsked } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { timeText } from '../../components/format.tsx'
import { Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Answer, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { words } from './words.ts'

const account = clientOf(accountCalls)
const KEY = ['account', 'sessions'] as const
export const BY = { passphrase: 'byPassphrase', passkey: 'byPasskey', oidc: 'byOidc' } as const

export function OwnSessions() {
  const t = useWords(words)
  const asked = useAsked(KEY, (signal) => account.ownSessions({}, { signal }))
  const [error, setError] = useState<unknown>()
  const end = (work: () => Promise<unknown>) => {
    setError(undefined)
    work().then(() => askAgain('account'), setError)
  }
  const endOne = ({ id, isThis }: OwnSession) =>
    end(() => (isThis ? signOut() : account.endSession({ params: { id } })))
  const others = asked.data?.items.some(({ isThis }) => !isThis) === true
  return (
    <Section
      title={t('sessions')}
      actions={others ? <Button onPress={() => end(() => account.endOtherSessions())}>{t('endOthers')}</Button> : null}
    >
      {error === undefined ? null : <ProblemNote error={error} />}
      <Answer of={asked}>
        {({ items }) => (
          <Table
            label={t('sessions')}
            rows={items}
            rowId={({ id }) => id}
            columns={[
              { id: 'from', title: t('from'), cell: (row) => <Place of={row} /> },
              { id: 'how', title: t('how'), cell: ({ how, acr }) => [t(BY[how]), acr].filter(Boolean).join(' · ') },
              { id: 'since', title: t('since'), cell: ({ startedAt }) => timeText(startedAt) },
              { id: 'seen', title: t('lastSeen'), cell: ({ lastSeenAt }) => timeText(lastSeenAt) },
              { id: 'ends', title: t('ends'), cell: ({ endsAt }) => timeText(endsAt) },
              {
                id: 'end',
                title: t('acts'),
                cell: (row) => (
                  <Button
                    look="quiet"
                    className="button-small"
                    onPress={() => endOne(row)}
                    label={`${t(row.isThis ? 'signOut' : 'end')}: ${row.address}, ${browserOf(row)}`}
                  >
                    {t(row.isThis ? 'signOut' : 'end')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Answer>
    </Section>
  )
}

function Place({ of }: { readonly of: OwnSession }) {
  const t = useWords(words)
  return (
    <span>
      <span title={of.agent}>{browserOf(of)}</span> <span className="muted">{of.address}</span>{' '}
      {of.isThis ? <State tone="good">{t('here')}</State> : null}
    </span>
  )
}

/** The browser's name out of what it says of itself. */
function browserOf({ agent }: OwnSession): string {
  const known = /(Edg|OPR|Firefox|Chrome|Safari)\/(\d+)/.exec(agent)
  if (known === null) return agent.split(' ')[0] ?? ''
  return `${known[1] === 'Edg' ? 'Edge' : known[1] === 'OPR' ? 'Opera' : known[1]} ${known[2]}`
}
