// Signing in: person and passphrase, or what else the server offers.
import { lazy, Suspense, useState, type FormEvent } from 'react'
import type { About } from '#console/api/session.ts'
import { signIn } from '../client.ts'
import { Button } from '../components/button.tsx'
import { Passphrase, TextField } from '../components/fields.tsx'
import { Page } from '../components/layout.tsx'
import { ProblemNote } from '../components/problem.tsx'
import { Note } from '../components/state.tsx'
import { SIGN_IN_BUTTONS } from '../pages/account/sign-in-buttons.ts'
import { patient } from '../reach.ts'
import { dictionary, useWords } from '../words.ts'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'

const words = dictionary({
  title: ['Sign in', '登录'],
  agent: ['Agent of {party} in the federation {federation}', '联邦 {federation} 中 {party} 的代理'],
  coordinator: ['Coordinator of the federation {federation}', '联邦 {federation} 的协调方'],
  person: ['Person', '人员'],
  personHint: [
    'The short name you were entered under, such as zhang-wei. `tributary keys person list` lists them.',
    '登记时使用的短名，例如 zhang-wei。可用 `tributary keys person list` 查看。',
  ],
  act: ['Sign in', '登录'],
  or: ['or', '或'],
  nobody: ['Nobody can sign in yet', '尚无人可以登录'],
  nobodyMend: [
    'People are entered on the machine of this program, by whoever holds its home directory. Each person chooses a passphrase of their own:',
    '人员须在本程序所在机器上、由持有其主目录的人登记。每个人设置自己的口令：',
  ],
  roles: [
    'Roles: steward and compliance decide together, modeler starts jobs, operator keeps it running, auditor reads.',
    '角色：steward 与 compliance 共同审批，modeler 发起作业，operator 负责运维，auditor 只读。',
  ],
  demo: ['A demonstration on synthetic data', '基于合成数据的演示'],
})

const BUTTONS = SIGN_IN_BUTTONS.map(({ method, load }) => ({ method, Button: lazy(patient(load)) }))

export function SignIn({ about }: { readonly about: About }) {
  const t = useWords(words)
  const { kind, federation, party } = about
  return (
    <div className="entrance">
      <header className="entrance-head">
        <span className="brand">Tributary</span>
        <LanguageSwitch />
        <ThemeSwitch />
      </header>
      <main className="entrance-main">
        <Page title={t('title')} lead={t(kind, { federation, party })}>
          {about.demo ? <Note title={t('demo')} /> : null}
          {about.people ? <Form about={about} /> : <Nobody about={about} />}
        </Page>
      </main>
    </div>
  )
}

function Form({ about }: { readonly about: About }) {
  const t = useWords(words)
  const [person, setPerson] = useState('')
  const [passphrase, setPassphrase] = useState('')
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const enter = async (event: FormEvent) => {
    event.preventDefault()
    setPending(true)
    setError(undefined)
    try {
      await signIn(person.trim(), passphrase)
    } catch (refusal) {
      setPassphrase('')
      setError(refusal)
      setPending(false)
    }
  }
  const buttons = BUTTONS.filter(({ method }) => about.methods.includes(method))
  return (
    <form className="form" onSubmit={(event) => void enter(event)}>
      <TextField
        label={t('person')}
        hint={t('personHint')}
        value={person}
        onChange={setPerson}
        autoComplete="username"
        maxLength={32}
        autoFocus
        isRequired
      />
      {about.methods.includes('passphrase') ? (
        <>
          <Passphrase value={passphrase} onChange={setPassphrase} isRequired />
          {error === undefined ? null : <ProblemNote error={error} />}
          <Button type="submit" look="primary" isPending={isPending} isDisabled={person === '' || passphrase === ''}>
            {t('act')}
          </Button>
        </>
      ) : null}
      {buttons.length === 0 ? null : <p className="or">{t('or')}</p>}
      <Suspense>
        {buttons.map(({ method, Button: One }) => (
          <One key={method} person={person.trim()} />
        ))}
      </Suspense>
    </form>
  )
}

function Nobody({ about }: { readonly about: About }) {
  const t = useWords(words)
  const role = about.kind === 'agent' ? 'steward' : 'operator'
  return (
    <Note tone="wait" title={t('nobody')}>
      <p>{t('nobodyMend')}</p>
      <code className="block">tributary keys person add --home … --id zhang-wei --name "Zhang Wei" --role {role}</code>
      <p>{t('roles')}</p>
    </Note>
  )
}
