// Verifies an evidence bundle in this browser with the second verifier, against keys that the reader brings.
import { useEffect, useRef, useState, type DragEvent } from 'react'
import { useParams } from 'wouter'
import { recordCalls } from '#console/api/record.ts'
import type { ExportProgress } from '#console/api/record-shapes.ts'
import { clientOf } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { FileField } from '../../components/fields.tsx'
import { bytesText } from '../../components/format.tsx'
import { Page, Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Note, Progress } from '../../components/state.tsx'
import { useLive } from '../../events.ts'
import { currentLanguage, dictionary, useWords } from '../../words.ts'
import { fileOf } from './export-panel.tsx'
import { KeysForm } from './verify/keys-form.tsx'
import { compareKeys, type OwnTrust } from './verify/own-trust.ts'
import { runVerifier, type Verification } from './verify/run-verifier.ts'
import { VerifyResult } from './verify/verify-result.tsx'
import './record.css'

const words = dictionary({
  title: ['Verify evidence', '核验证据'],
  lead: [
    'An evidence bundle is checked here, in your browser, by the second verifier: a program that shares no code with the platform. Neither the coordinator nor any other party has to be believed.',
    '证据包在您的浏览器中由第二套核验程序检查，该程序与平台没有共用代码。无需信任协调方或其他任何一方。',
  ],
  run: ['The run', '该次运行'],
  bundle: ['1. The bundle', '1. 证据包'],
  fetch: ['Fetch it from this agent', '从本代理取得'],
  fetching: ['The agent reads its log', '代理正在读取日志'],
  ofAll: ['{done} of {of} records', '{done}/{of} 条记录'],
  choose: ['Choose a file (.tar)', '选择文件（.tar）'],
  drop: [
    'or drop it here: of your party or of any other, it stays on this machine',
    '或拖到这里：本方或其他任何一方的均可，文件不离开本机',
  ],
  chosen: ['{name}, {size}', '{name}，{size}'],
  keys: ['2. Whose keys are right', '2. 哪些公钥是对的'],
  verify: ['3. Verify', '3. 核验'],
  start: ['Verify', '开始核验'],
  checking: ['Checking {name}', '正在核验 {name}'],
  records: ['{n} {n|record|records}', '{n} 条记录'],
  needBundle: ['Choose a bundle first.', '请先选择证据包。'],
  cannot: ['This browser cannot verify', '此浏览器无法核验'],
  noEd25519: [
    'It has no Ed25519. Use Chrome 137, Firefox 129, Safari 17 or later, or the command tributary verify.',
    '不支持 Ed25519。请使用 Chrome 137、Firefox 129、Safari 17 或更新版本，或运行 tributary verify 命令。',
  ],
  shell: ['What this page cannot do for you', '本页做不到的'],
  shellText: [
    'This page comes from your own party’s agent. Somebody who rules that machine could send you a page that says “verified” without looking. When that matters, download the bundle, take it to a machine without network, and open there the file verify.html that you got another way: it is the same verifier, byte for byte.',
    '本页由本方代理提供。控制该机器的人可以给您一个不经检查就显示“通过”的页面。如有此顾虑，请下载证据包，拿到断网的机器上，用另行取得的 verify.html 打开：其中的核验程序与此处逐字节相同。',
  ],
})

const calls = clientOf(recordCalls)

export default function VerifyPage() {
  const t = useWords(words)
  const { job } = useParams<{ job?: string }>()
  const [bundle, setBundle] = useState<File>()
  const [own, setOwn] = useState<OwnTrust>()
  const back = job === undefined ? {} : { back: { to: `/record/runs/${job}`, title: t('run') } }
  return (
    <Page title={t('title')} lead={t('lead')} {...back}>
      <Section title={t('bundle')} tour="verify">
        {job === undefined ? null : <Fetch job={job} onFile={setBundle} />}
        <Drop onFile={setBundle} />
        {bundle === undefined ? null : (
          <p role="status">{t('chosen', { name: bundle.name, size: bytesText(bundle.size) })}</p>
        )}
      </Section>
      <Section title={t('keys')} tour="verify-keys">
        <KeysForm onTrust={setOwn} />
      </Section>
      <Section title={t('verify')} tour="verify-run">
        <Run bundle={bundle} own={own} />
      </Section>
      <Note title={t('shell')}>
        <p>{t('shellText')}</p>
      </Note>
    </Page>
  )
}

function Drop({ onFile }: { readonly onFile: (file: File) => void }) {
  const t = useWords(words)
  const [isOver, setOver] = useState(false)
  const take = (event: DragEvent) => {
    event.preventDefault()
    setOver(event.type === 'dragover')
    const [file] = event.type === 'drop' ? event.dataTransfer.files : []
    if (file !== undefined) onFile(file)
  }
  return (
    <div className="drop" data-over={isOver || undefined} onDragOver={take} onDragLeave={take} onDrop={take}>
      <FileField label={t('choose')} accept={['.tar', 'application/x-tar']} onFile={onFile} />
      <span className="muted">{t('drop')}</span>
    </div>
  )
}

function Fetch({ job, onFile }: { readonly job: string; readonly onFile: (file: File) => void }) {
  const t = useWords(words)
  const [id, setId] = useState<string>()
  const [error, setError] = useState<unknown>()
  const fetchIt = async () => {
    setError(undefined)
    try {
      const body = { what: 'evidence', language: currentLanguage(), purpose: 'verification' } as const
      setId((await calls.startExport({ params: { job }, body })).id)
    } catch (failure) {
      setError(failure)
    }
  }
  const got = (file: File) => {
    setId(undefined)
    onFile(file)
  }
  return (
    <>
      <div className="actions">
        <Button look="primary" isDisabled={id !== undefined} onPress={() => void fetchIt()}>
          {t('fetch')}
        </Button>
      </div>
      {error === undefined ? null : <ProblemNote error={error} />}
      {id === undefined ? null : <Fetching key={id} id={id} onFile={got} onError={setError} />}
    </>
  )
}

interface FetchingProps {
  readonly id: string
  readonly onFile: (file: File) => void
  readonly onError: (error: unknown) => void
}

function Fetching({ id, onFile, onError }: FetchingProps) {
  const t = useWords(words)
  const [{ done, of, made }, setProgress] = useState<ExportProgress>({ state: 'making', done: 0, of: 0 })
  const { error } = useLive(recordCalls.exportProgress, { params: { id } }, setProgress, { isOff: made !== undefined })
  const name = made?.name
  const give = useRef({ onFile, onError })
  useEffect(() => {
    if (name === undefined) return
    void fileOf({ id, what: 'evidence' }, name).then(give.current.onFile, give.current.onError)
  }, [id, name])
  if (error !== undefined) return <ProblemNote error={error} />
  const part = of === 0 ? undefined : done / of
  return <Progress label={t('fetching')} done={part} words={t('ofAll', { done, of })} />
}

type Course =
  | { readonly state: 'ready' }
  | { readonly state: 'running'; readonly records: number; readonly part: number }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'done'; readonly name: string; readonly verification: Verification }

function Run({ bundle, own }: { readonly bundle: File | undefined; readonly own: OwnTrust | undefined }) {
  const t = useWords(words)
  const [course, setCourse] = useState<Course>({ state: 'ready' })
  const running = useRef<AbortController>(undefined)
  // another bundle is not what was verified
  useEffect(() => {
    setCourse({ state: 'ready' })
    return () => running.current?.abort()
  }, [bundle])
  const start = async (file: File) => {
    const { signal } = (running.current = new AbortController())
    setCourse({ state: 'running', records: 0, part: 0 })
    try {
      const told = (records: number, part: number) => setCourse({ state: 'running', records, part })
      const verification = await runVerifier(file, told, signal)
      setCourse({ state: 'done', name: file.name, verification })
    } catch (thrown) {
      if (!signal.aborted)
        setCourse({ state: 'failed', reason: thrown instanceof Error ? thrown.message : String(thrown) })
    }
  }
  return (
    <>
      <div className="actions">
        <Button
          look="primary"
          isDisabled={bundle === undefined || course.state === 'running'}
          onPress={() => bundle !== undefined && void start(bundle)}
        >
          {t('start')}
        </Button>
        {bundle === undefined ? <span className="muted">{t('needBundle')}</span> : null}
      </div>
      {course.state === 'running' ? (
        <Progress
          label={t('checking', { name: bundle?.name ?? '' })}
          done={course.part}
          words={t('records', { n: course.records })}
        />
      ) : null}
      {course.state === 'failed' ? (
        <Note tone="bad" title={t('cannot')}>
          <p>{course.reason === 'no-ed25519' ? t('noEd25519') : course.reason}</p>
        </Note>
      ) : null}
      {course.state === 'done' ? (
        <VerifyResult
          name={course.name}
          verification={course.verification}
          keys={compareKeys(course.verification.report, own)}
        />
      ) : null}
    </>
  )
}
