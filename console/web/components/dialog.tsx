// Dialogs: a question in front of the page; and signing, where the person gives the passphrase again, for a session
// alone never signs.
import { useState, type FormEvent, type ReactNode } from 'react'
import { Dialog as DialogWidget } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { dictionary, useWords } from '../words.ts'
import { Button } from './button.tsx'
import { Passphrase } from './fields.tsx'
import { ProblemNote } from './problem.tsx'

const words = dictionary({
  cancel: ['Cancel', '取消'],
  close: ['Close', '关闭'],
  signHint: [
    'Your passphrase opens your own key for this one signature. It is not kept.',
    '您的口令仅用于打开您本人的密钥完成此次签名，不会被保存。',
  ],
})

interface DialogProps {
  readonly title: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly children: ReactNode
  /** nothing is lost by a press beside it; false while something is filled in */
  readonly isLight?: boolean
}

/** Keeps the focus inside while it is open and gives it back after; Escape closes it. */
export function Dialog({ title, isOpen, onClose, children, isLight = true }: DialogProps) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable={isLight}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
    >
      <Modal className="modal">
        <DialogWidget className="dialog">
          <Heading slot="title" level={2}>
            {title}
          </Heading>
          {children}
        </DialogWidget>
      </Modal>
    </ModalOverlay>
  )
}

interface SignDialogProps {
  readonly title: string
  /** what is signed, in words and in full */
  readonly children: ReactNode
  /** the words on the button that signs: 'Approve', 'Revoke' */
  readonly act: string
  readonly look?: 'primary' | 'danger'
  readonly isOpen: boolean
  readonly onClose: () => void
  /** the call that signs; its problem is shown in the dialog, else the dialog closes */
  readonly sign: (passphrase: string) => Promise<unknown>
  /** false while something above the passphrase is not filled in */
  readonly isReady?: boolean
}

/** Confirms what cannot be done by a session alone. */
export function SignDialog(props: SignDialogProps) {
  const { title, children, act, look = 'primary', isOpen, onClose, isReady = true } = props
  const t = useWords(words)
  const [passphrase, setPassphrase] = useState('')
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const close = () => {
    setPassphrase('')
    setError(undefined)
    onClose()
  }
  const sign = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setError(undefined)
    try {
      await props.sign(passphrase)
      close()
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close} isLight={false}>
      <form className="form" onSubmit={(event) => void sign(event)}>
        {children}
        <Passphrase value={passphrase} onChange={setPassphrase} hint={t('signHint')} isRequired />
        {error === undefined ? null : <ProblemNote error={error} />}
        <div className="actions">
          <Button onPress={close}>{t('cancel')}</Button>
          <Button type="submit" look={look} isPending={isPending} isDisabled={passphrase === '' || !isReady}>
            {act}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
