// Where the reader says whose keys are right: a trust bundle from a file of their own, or fingerprints typed or pasted.
import { useState } from 'react'
import { FileField, TextArea } from '../../../components/fields.tsx'
import { Note } from '../../../components/state.tsx'
import { dictionary, useWords } from '../../../words.ts'
import { LOG_NAME, type OwnTrust, readPrints, readTrustFile } from './own-trust.ts'

const words = dictionary({
  why: ['Why this page does not fill them in', '为什么本页不代为填写'],
  whyText: [
    'Whoever chooses the keys can forge a whole log that verifies. So they must come to you another way than from the server that hands you the bundle: your own copy of the trust bundle, or fingerprints that the parties read to you by telephone.',
    '谁选定公钥，谁就能伪造一份能通过核验的日志。因此公钥必须通过其他途径取得，而不能来自提供证据包的服务器：您自己保存的信任包，或各方在电话中读出的指纹。',
  ],
  file: ['Choose your trust bundle (trust.yaml)', '选择您的信任包（trust.yaml）'],
  typed: ['or fingerprints, one line each', '或逐行填写指纹'],
  hint: [
    'bank 3f2a-91c0-…; coordinator 8d11-…: the 20 digits that `tributary init` and `tributary trust` print, or all 64 of the SHA-256',
    'bank 3f2a-91c0-…；coordinator 8d11-…：`tributary init` 与 `tributary trust` 显示的 20 位，或 SHA-256 的全部 64 位',
  ],
  given: ['{n} {n|key|keys} to compare with: {names}', '将与 {n} 把公钥比对：{names}'],
  log: ['coordinator’s log', '协调方日志'],
  unread: ['Not understood: {lines}', '无法识别：{lines}'],
  notTrust: ['{name} is no trust bundle', '{name} 不是信任包'],
  none: [
    'Without keys of your own the verdict is about the bundle in itself only.',
    '不提供自己的公钥时，结论只涉及证据包自身是否一致。',
  ],
})

export function KeysForm({ onTrust }: { readonly onTrust: (own: OwnTrust | undefined) => void }) {
  const t = useWords(words)
  const [typed, setTyped] = useState('')
  const [own, setOwn] = useState<OwnTrust>()
  const [wrong, setWrong] = useState('')
  const give = (trust: OwnTrust) => {
    setOwn(trust)
    setWrong('')
    onTrust(trust)
  }
  const read = async (file: File) => {
    try {
      give(await readTrustFile(await file.text()))
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown
      setWrong(t('notTrust', { name: file.name }))
    }
  }
  const names = [...(own?.prints.keys() ?? [])].map((name) => (name === LOG_NAME ? t('log') : name))
  const unread =
    own === undefined || own.unread.length === 0 ? undefined : t('unread', { lines: own.unread.join('; ') })
  return (
    <>
      <Note title={t('why')}>
        <p>{t('whyText')}</p>
      </Note>
      <div className="actions">
        <FileField label={t('file')} accept={['.yaml', '.yml', '.json']} onFile={(file) => void read(file)} />
      </div>
      {wrong === '' ? null : <Note tone="bad" title={wrong} />}
      <TextArea
        label={t('typed')}
        hint={t('hint')}
        error={unread}
        value={typed}
        rows={4}
        isCode
        maxLength={20_000}
        onChange={(text) => {
          setTyped(text)
          give(readPrints(text))
        }}
      />
      <p role="status">{names.length === 0 ? t('none') : t('given', { n: names.length, names: names.join(', ') })}</p>
    </>
  )
}
