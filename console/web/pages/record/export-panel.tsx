// Evidence bundle and dossier, made when asked for: how far it is, then the file with its digest.
import { useState } from 'react'
import { recordCalls } from '#console/api/record.ts'
import type { ExportProgress } from '#console/api/record-shapes.ts'
import { clientOf } from '../../client.ts'
import { Button, Download } from '../../components/button.tsx'
import { Choice, TextField } from '../../components/fields.tsx'
import { bytesText, countText, Digest } from '../../components/format.tsx'
import { Facts } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Note, Progress } from '../../components/state.tsx'
import { useLive } from '../../events.ts'
import { currentLanguage, dictionary, useWords } from '../../words.ts'

const words = dictionary({
  what: ['What', '内容'],
  evidence: ['Evidence bundle', '证据包'],
  evidenceHint: ['a .tar that anybody can verify, without our help', '.tar 文件，任何人都可自行核验'],
  dossier: ['Dossier', '卷宗'],
  dossierHint: ['a page to print, in the language of this console', '可打印的页面，语言与本控制台相同'],
  purpose: ['What for (goes into the access record)', '用途（记入访问记录）'],
  make: ['Make it', '生成'],
  making: ['Reading the log', '正在读取日志'],
  records: ['{done} of {of} records', '{done}/{of} 条记录'],
  keep: ['Download {name}', '下载 {name}'],
  size: ['Size', '大小'],
  sha256: ['SHA-256 of the file', '文件的 SHA-256'],
  root: ['Root of the log', '日志的根'],
  inIt: ['Records in it', '包含记录'],
  stated: [
    'Stated in the access log: who took this evidence, with its size and root.',
    '已记入访问日志：何人取得该证据，及其大小与根。',
  ],
  unsealed: [
    '{n} newer {n|record is|records are} not in it: not every party has cosigned {n|it|them} yet.',
    '另有 {n} 条较新的记录未包括在内：尚未由全部参与方会签。',
  ],
  notVerified: ['The bundle is NOT verified; the dossier says why.', '证据包核验未通过，原因见卷宗。'],
})

const calls = clientOf(recordCalls)
type What = 'evidence' | 'dossier'
interface Order {
  readonly id: string
  readonly what: What
}

export function ExportPanel({ job }: { readonly job: string }) {
  const t = useWords(words)
  const [what, setWhat] = useState<What>('evidence')
  const [purpose, setPurpose] = useState('')
  const [order, setOrder] = useState<Order>()
  const [isAsking, setAsking] = useState(false)
  const [error, setError] = useState<unknown>()
  const begin = async () => {
    setAsking(true)
    setError(undefined)
    try {
      const body = { what, language: currentLanguage(), ...(purpose === '' ? {} : { purpose }) }
      const { id } = await calls.startExport({ params: { job }, body })
      setOrder({ id, what })
    } catch (failure) {
      setError(failure)
    } finally {
      setAsking(false)
    }
  }
  const options = (['evidence', 'dossier'] as const).map((id) => ({ id, title: t(id), hint: t(`${id}Hint`) }))
  return (
    <>
      <div className="filters">
        <Choice label={t('what')} options={options} value={what} onChange={setWhat} />
        <TextField label={t('purpose')} value={purpose} onChange={setPurpose} maxLength={120} />
        <Button look="primary" isPending={isAsking} onPress={() => void begin()}>
          {t('make')}
        </Button>
      </div>
      {error === undefined ? null : <ProblemNote error={error} />}
      {order === undefined ? null : <Making key={order.id} order={order} />}
    </>
  )
}

function Making({ order }: { readonly order: Order }) {
  const t = useWords(words)
  const [progress, setProgress] = useState<ExportProgress>()
  const { error } = useLive(recordCalls.exportProgress, { params: { id: order.id } }, setProgress, {
    isOff: progress?.state === 'made',
  })
  if (error !== undefined) return <ProblemNote error={error} />
  const { made, done = 0, of = 0 } = progress ?? {}
  if (made === undefined) {
    const part = of === 0 ? undefined : done / of
    return <Progress label={t('making')} done={part} words={t('records', { done, of })} />
  }
  return (
    <div role="status">
      {made.verified === false ? <Note tone="bad" title={t('notVerified')} /> : null}
      <Facts
        of={[
          [t('inIt'), countText(made.records)],
          [t('size'), bytesText(made.bytes)],
          [t('sha256'), <Digest key="sha256" value={made.sha256} digits={16} />],
          [t('root'), <Digest key="root" value={made.root} digits={16} />],
        ]}
      />
      {made.unsealed > 0 ? <p>{t('unsealed', { n: made.unsealed })}</p> : null}
      <p className="muted">{t('stated')}</p>
      <Download look="primary" file={() => fileOf(order, made.name)}>
        {t('keep', { name: made.name })}
      </Download>
    </div>
  )
}

/** @throws ConsoleProblem, ConsoleUnreachable */
export async function fileOf({ id, what }: Order, name: string): Promise<File> {
  const call = what === 'evidence' ? calls.exportedEvidence : calls.exportedDossier
  const bytes = await call({ params: { id } })
  return new File([bytes], name, { type: bytes.type })
}
