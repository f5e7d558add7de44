// Linking an account: to the provider and back, then the person signs which account it is.
import { useEffect, useState } from 'react'
import { oidcCalls } from '#console/api/oidc.ts'
import { askAgain, clientOf } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { SignDialog } from '../../components/dialog.tsx'
import { TextField } from '../../components/fields.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { useWords } from '../../words.ts'
import { TERM } from './term.ts'
import { leaveFor, takeReturn } from './provider-trip.ts'
import { words } from './words.ts'

const oidc = clientOf(oidcCalls)

interface Shown {
  readonly account: string
  readonly issuer: string
  readonly proof: string
}

export function LinkAccount({ provider }: { readonly provider: string }) {
  const t = useWords(words)
  const [shown, setShown] = useState<Shown>()
  const [name, setName] = useState(provider)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = async (work: () => Promise<unknown>) => {
    setPending(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  useEffect(() => {
    const back = takeReturn('link')
    if (back !== undefined) void attempt(async () => setShown(await oidc.accountArrival({ body: back })))
  }, [])
  const depart = async () => {
    const { url, flow } = await oidc.accountDeparture()
    leaveFor(url, { aim: 'link', flow, hash: location.hash })
  }
  const sign = async (passphrase: string) => {
    if (shown === undefined) return
    await oidc.linkAccount({ body: { proof: shown.proof, name, passphrase } })
    await askAgain('account')
  }
  const { account = '', issuer = '' } = shown ?? {}
  return (
    <>
      <Button isPending={isPending} onPress={() => void attempt(depart)}>
        {t('linkAccount', { provider })}
      </Button>
      {error === undefined ? null : <ProblemNote error={error} />}
      <SignDialog
        title={t('linkTitle')}
        act={t('link')}
        isOpen={shown !== undefined}
        onClose={() => setShown(undefined)}
        isReady={name.trim() !== ''}
        sign={sign}
      >
        <p>{t('linkText', { account, issuer, ...TERM })}</p>
        <TextField label={t('name')} value={name} onChange={setName} maxLength={64} isRequired />
      </SignDialog>
    </>
  )
}
