// The own passkeys and accounts: what there is, adding, renewing and removing.
import { useState } from 'react'
import { accountCalls, type OwnLink } from '#console/api/account.ts'
import type { About } from '#console/api/session.ts'
import { askAgain, clientOf, useAsked } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { Dialog, SignDialog } from '../../components/dialog.tsx'
import { timeText } from '../../components/format.tsx'
import { Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Answer, Empty, Note, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useWords } from '../../words.ts'
import { AddPasskey } from './add-passkey.tsx'
import { LinkAccount } from './link-account.tsx'
import { SOON_DAYS, TERM } from './term.ts'
import { words } from './words.ts'

const account = clientOf(accountCalls)
const DAY_MS = 86_400_000

export function OwnWays({ about }: { readonly about: About }) {
  const t = useWords(words)
  const asked = useAsked(['account', 'links'], (signal) => account.ownLinks({}, { signal }))
  const [chosen, setChosen] = useState<{ readonly link: OwnLink; readonly act: 'renew' | 'remove' }>()
  const close = () => setChosen(undefined)
  const hasPasskeys = about.methods.includes('passkey')
  return (
    <Section
      title={t('ways')}
      lead={t('waysLead')}
      actions={
        <>
          {hasPasskeys ? <AddPasskey /> : null}
          {about.methods.includes('oidc') ? <LinkAccount provider={about.provider ?? 'OIDC'} /> : null}
        </>
      }
    >
      {hasPasskeys ? null : <Note>{t('notByNumber', { address: `localhost:${location.port}` })}</Note>}
      <Answer of={asked} empty={<Empty title={t('noWays')}>{hasPasskeys ? t('noWaysMend') : null}</Empty>}>
        {({ items }) => (
          <Table
            label={t('ways')}
            rows={items}
            rowId={({ id }) => id}
            columns={[
              { id: 'name', title: t('name'), cell: ({ name }) => name },
              { id: 'kind', title: t('kind'), cell: (row) => <Kind of={row} /> },
              { id: 'added', title: t('added'), cell: ({ from }) => timeText(from) },
              {
                id: 'used',
                title: t('used'),
                cell: ({ usedAt }) => (usedAt === undefined ? t('never') : timeText(usedAt)),
              },
              { id: 'until', title: t('until'), cell: (row) => <Until of={row} /> },
              {
                id: 'acts',
                title: t('acts'),
                cell: (link) => (
                  <span>
                    <Button
                      look="quiet"
                      className="button-small"
                      label={`${t('renew')}: ${link.name}`}
                      onPress={() => setChosen({ link, act: 'renew' })}
                    >
                      {t('renew')}
                    </Button>
                    <Button
                      look="quiet"
                      className="button-small"
                      label={`${t('remove')}: ${link.name}`}
                      onPress={() => setChosen({ link, act: 'remove' })}
                    >
                      {t('remove')}
                    </Button>
                  </span>
                ),
              },
            ]}
          />
        )}
      </Answer>
      <SignDialog
        title={t('renewTitle', { name: chosen?.link.name ?? '' })}
        act={t('renew')}
        isOpen={chosen?.act === 'renew'}
        onClose={close}
        sign={async (passphrase) => {
          if (chosen !== undefined) await account.renewLink({ params: { id: chosen.link.id }, body: { passphrase } })
          await askAgain('account')
        }}
      >
        <p>{t('renewText', TERM)}</p>
      </SignDialog>
      <Removal link={chosen?.act === 'remove' ? chosen.link : undefined} onClose={close} />
    </Section>
  )
}

function Removal({ link, onClose }: { readonly link: OwnLink | undefined; readonly onClose: () => void }) {
  const t = useWords(words)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const remove = async () => {
    if (link === undefined) return
    setPending(true)
    setError(undefined)
    try {
      await account.removeLink({ params: { id: link.id } })
      onClose()
      await askAgain('account')
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  return (
    <Dialog title={t('removeTitle', { name: link?.name ?? '' })} isOpen={link !== undefined} onClose={onClose}>
      <p>{t('removeText')}</p>
      {error === undefined ? null : <ProblemNote error={error} />}
      <div className="actions">
        <Button onPress={onClose}>{t('cancel')}</Button>
        <Button look="danger" isPending={isPending} onPress={() => void remove()}>
          {t('remove')}
        </Button>
      </div>
    </Dialog>
  )
}

function Kind({ of: { kind, issuer = '', subject = '', host = '', syncs } }: { readonly of: OwnLink }) {
  const t = useWords(words)
  if (kind === 'oidc')
    return (
      <span>
        {t('account', { issuer })} <span className="muted">{subject}</span>
      </span>
    )
  return (
    <span>
      {t(syncs === true ? 'synced' : 'passkey')} <span className="muted">{host}</span>
    </span>
  )
}

function Until({ of: { until } }: { readonly of: OwnLink }) {
  const t = useWords(words)
  const days = Math.ceil((Date.parse(until) - Date.now()) / DAY_MS)
  if (days <= 0) return <State tone="bad">{t('ended')}</State>
  return (
    <span>
      {timeText(until)} {days <= SOON_DAYS ? <State tone="wait">{t('soon', { n: days })}</State> : null}
    </span>
  )
}
