// Signing in with an account at the OIDC provider: there and back in this tab.
import { useEffect, useState } from 'react'
import { oidcCalls } from '#console/api/oidc.ts'
import { clientOf, keepSession, useAbout } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { useWords } from '../../words.ts'
import { leaveFor, takeReturn } from './provider-trip.ts'
import { words } from './words.ts'

const oidc = clientOf(oidcCalls)

export default function OidcButton() {
  const t = useWords(words)
  const provider = useAbout().data?.provider ?? 'OIDC'
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const attempt = async (work: () => Promise<void>) => {
    setPending(true)
    setError(undefined)
    try {
      await work()
    } catch (failure) {
      setError(failure)
      setPending(false)
    }
  }
  useEffect(() => {
    const back = takeReturn('sign-in')
    if (back !== undefined) void attempt(async () => keepSession(await oidc.oidcSignIn({ body: back })))
  }, [])
  const depart = async () => {
    const { url, flow } = await oidc.oidcDeparture()
    leaveFor(url, { aim: 'sign-in', flow, hash: location.hash })
  }
  return (
    <>
      <Button isPending={isPending} onPress={() => void attempt(depart)}>
        {t('useProvider', { provider })}
      </Button>
      {isPending ? <p role="status">{t('arriving', { provider })}</p> : null}
      {error === undefined ? null : <ProblemNote error={error} />}
    </>
  )
}
