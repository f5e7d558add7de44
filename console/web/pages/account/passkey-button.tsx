// Signing in with a passkey: the browser shows those it has for this console.
import { startAuthentication } from '@simplewebauthn/browser'
import { useState } from 'react'
import { passkeyCalls } from '#console/api/passkeys.ts'
import { clientOf, keepSession } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { useWords } from '../../words.ts'
import { passkeyProblem } from './passkey-problem.ts'
import { words } from './words.ts'

const passkeys = clientOf(passkeyCalls)

export default function PasskeyButton() {
  const t = useWords(words)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const enter = async () => {
    setPending(true)
    setError(undefined)
    try {
      const assertion = await startAuthentication({ optionsJSON: await passkeys.passkeyChallenge() })
      keepSession(await passkeys.passkeySignIn({ body: { assertion } }))
    } catch (failure) {
      setError(passkeyProblem(failure))
      setPending(false)
    }
  }
  return (
    <>
      <Button isPending={isPending} onPress={() => void enter()}>
        {t('usePasskey')}
      </Button>
      {error === undefined ? null : <ProblemNote error={error} />}
    </>
  )
}
