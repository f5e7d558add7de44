// What is pressed: buttons, links that look like them, copying a text, downloading a file.
import { useState, type ReactNode } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import { Link as Followed } from 'react-aria-components/Link'
import { dictionary, useWords } from '../words.ts'
import { ProblemNote } from './problem.tsx'

const words = dictionary({
  copied: ['Copied', '已复制'],
  copy: ['Copy', '复制'],
  working: ['Working …', '处理中…'],
})

export type Look = 'plain' | 'primary' | 'danger' | 'quiet'

interface ButtonProps {
  readonly children: ReactNode
  readonly onPress?: () => void
  /** one primary button per view; danger for what cannot be taken back */
  readonly look?: Look
  readonly type?: 'button' | 'submit'
  readonly isDisabled?: boolean
  /** it has been pressed and the answer is not there yet */
  readonly isPending?: boolean
  /** when the words on it do not say it all */
  readonly label?: string
  readonly className?: string
  readonly autoFocus?: boolean
}

export function Button(props: ButtonProps) {
  const t = useWords(words)
  const { look = 'plain', type = 'button', isDisabled = false, isPending = false, autoFocus = false } = props
  return (
    <Pressed
      className={`button button-${look} ${props.className ?? ''}`}
      type={type}
      isDisabled={isDisabled}
      isPending={isPending}
      autoFocus={autoFocus}
      {...(props.onPress === undefined ? {} : { onPress: props.onPress })}
      {...(props.label === undefined ? {} : { 'aria-label': props.label })}
    >
      {isPending ? <span aria-live="polite">{t('working')}</span> : props.children}
    </Pressed>
  )
}

/** Leads to another page: `to` is its path, '/jobs/7'. */
export function ButtonLink({ to, look = 'plain', children }: { to: string; look?: Look; children: ReactNode }) {
  return (
    <Followed className={`button button-${look}`} href={`#${to}`}>
      {children}
    </Followed>
  )
}

/** A link inside text or a table to another page of the console. */
export function PageLink({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return (
    <Followed className="link" href={`#${to}`}>
      {children}
    </Followed>
  )
}

/** @param label says what is copied, for those who do not see the place */
export function CopyButton({ text, label }: { readonly text: string; readonly label?: string }) {
  const t = useWords(words)
  const [isCopied, setCopied] = useState(false)
  const copy = async () => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
    setTimeout(() => setCopied(false), 2000)
  }
  return (
    <Pressed className="button button-quiet button-small" aria-label={label ?? t('copy')} onPress={() => void copy()}>
      <span aria-live="polite">{isCopied ? t('copied') : t('copy')}</span>
    </Pressed>
  )
}

interface DownloadProps {
  readonly children: ReactNode
  /** with its ending; of a File its own unless told */
  readonly name?: string
  /** asks the server for the file, or makes it here */
  readonly file: () => Promise<Blob>
  readonly look?: Look
}

/** Fetches a file and gives it to the browser to keep. */
export function Download({ children, name, file, look = 'plain' }: DownloadProps) {
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const keep = async () => {
    setPending(true)
    setError(undefined)
    try {
      const kept = await file()
      offer(kept, name ?? (kept instanceof File ? kept.name : 'file'))
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  return (
    <>
      <Button look={look} isPending={isPending} onPress={() => void keep()}>
        {children}
      </Button>
      {error === undefined ? null : <ProblemNote error={error} />}
    </>
  )
}

function offer(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
