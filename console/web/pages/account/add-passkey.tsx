// Adding a passkey: the passphrase first, then what the browser asks, then the person's signature over both.
import { startRegistration } from '@simplewebauthn/browser'
import { useState } from 'react'
import { passkeyCalls } from '#console/api/passkeys.ts'
import { askAgain, clientOf } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { SignDialog } from '../../components/dialog.tsx'
import { TextField } from '../../components/fields.tsx'
import { useWords } from '../../words.ts'
import { TERM } from './term.ts'
import { passkeyProblem } from './passkey-problem.ts'
import { words } from './words.ts'

const passkeys = clientOf(passkeyCalls)

export function AddPasskey() {
  const t = useWords(words)
  const [isOpen, setOpen] = useState(false)
  const [name, setName] = useState('')
  const add = async (passphrase: string) => {
    const optionsJSON = await passkeys.newPasskey({ body: { passphrase } })
    const attestation = await startRegistration({ optionsJSON }).catch((failure: unknown) => {
      throw passkeyProblem(failure)
    })
    await passkeys.addPasskey({ body: { name, passphrase, attestation } })
    setName('')
    await askAgain('account')
  }
  return (
    <>
      <Button look="primary" onPress={() => setOpen(true)}>
        {t('addPasskey')}
      </Button>
      <SignDialog
        title={t('addPasskey')}
        act={t('add')}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
        isReady={name.trim() !== ''}
        sign={add}
      >
        <p>{t('addPasskeyText', TERM)}</p>
        <TextField label={t('name')} hint={t('nameHint')} value={name} onChange={setName} maxLength={64} isRequired />
      </SignDialog>
    </>
  )
}
