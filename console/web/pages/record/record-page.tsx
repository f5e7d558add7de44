// One record of a log with all its fields in words, its place, and who signed it.
import type { ReactNode } from 'react'
import { useParams } from 'wouter'
import { recordCalls } from '#console/api/record.ts'
import type { WholeRecord } from '#console/api/record-shapes.ts'
import { clientOf, useAsked } from '../../client.ts'
import { PageLink } from '../../components/button.tsx'
import { countText, Digest, Time } from '../../components/format.tsx'
import { Facts, Page, Section } from '../../components/layout.tsx'
import { Answer, State } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useLanguage, useWords } from '../../words.ts'
import { fieldName, valueWords } from './field-words.ts'
import { kindWords } from './record-words.ts'
import './record.css'

const words = dictionary({
  title: ['Record {number}: {kind}', '第 {number} 条记录：{kind}'],
  back: ['The run', '该次运行'],
  runs: ['Runs and their record', '运行记录'],
  says: ['What it says', '内容'],
  place: ['Its place and its signature', '位置与签名'],
  log: ['Log', '日志'],
  number: ['Number in the log', '日志中的编号'],
  seq: ['Number by its author', '作者自己的编号'],
  sealed: ['Cosigned', '会签'],
  yes: ['all participants have cosigned it', '已由全体参与方会签'],
  no: ['not all participants have cosigned it yet', '尚未由全体参与方会签'],
  leafHash: ['Leaf hash in the tree', '树中的叶哈希'],
  digest: ['Digest', '摘要'],
  prev: ['Digest of the author’s record before', '作者上一条记录的摘要'],
  signer: ['Signed by', '签名方'],
  keyId: ['Key', '密钥'],
  signature: ['Signature (Ed25519)', '签名（Ed25519）'],
  bytes: ['Size', '大小'],
  otherEnd: ['At the other end', '对端记录'],
  record: ['record {number}', '第 {number} 条'],
  spec: ['Specification of the job', '作业规格'],
  next: ['Record after it', '下一条'],
  before: ['Record before it', '上一条'],
})

const calls = clientOf(recordCalls)

export default function RecordPage() {
  const t = useWords(words)
  const kindOf = useWords(kindWords)
  const { collaboration, number } = useParams<{ collaboration: string; number: string }>()
  const asked = useAsked(['record', 'whole', collaboration, number], (signal) =>
    calls.logRecord({ params: { collaboration, number: Number(number) } }, { signal }),
  )
  const job = String(asked.data?.record['job'] ?? '')
  const kind = asked.data === undefined ? '' : kindOf(asked.data.kind as keyof typeof kindWords)
  const back = job === '' ? { to: '/record', title: t('runs') } : { to: `/record/runs/${job}`, title: t('back') }
  return (
    <Page title={t('title', { number: Number(number), kind })} back={back}>
      <Answer of={asked}>{(found) => <Whole found={found} />}</Answer>
    </Page>
  )
}

/** said in the other section */
const OF_PLACE = new Set(['v', 'collaboration', 'author', 'seq', 'prev', 'spec'])

function Whole({ found }: { readonly found: WholeRecord }) {
  const t = useWords(words)
  useLanguage()
  const { record, collaboration, number, signature, otherEnd, specification } = found
  const to = (other: number) => `/record/logs/${collaboration}/${other}`
  const linkTo = (other: number) => <PageLink to={to(other)}>{t('record', { number: other })}</PageLink>
  const fields = Object.entries(record).filter(([name]) => !OF_PLACE.has(name))
  return (
    <>
      <Section title={t('says')}>
        <Fields of={fields} />
      </Section>
      {specification === undefined ? null : (
        <Section title={t('spec')}>
          <pre className="block-text" tabIndex={0}>
            {pretty(specification)}
          </pre>
        </Section>
      )}
      <Section title={t('place')}>
        <Facts
          of={[
            [t('log'), <Digest key="log" value={collaboration} digits={22} />],
            [t('number'), countText(number)],
            [t('signer'), signature.party],
            [t('seq'), countText(Number(record['seq']))],
            [t('sealed'), <Sealed key="sealed" is={found.isSealed} />],
            [t('otherEnd'), otherEnd === undefined ? undefined : linkTo(otherEnd)],
            [t('leafHash'), <Digest key="leaf" value={found.leafHash} digits={20} />],
            [t('digest'), <Digest key="digest" value={found.digest} digits={20} />],
            [t('prev'), <Digest key="prev" value={String(record['prev'])} digits={20} />],
            [t('keyId'), <Digest key="key" value={signature.keyId} digits={16} />],
            [t('signature'), <Digest key="signature" value={signature.base64} digits={20} />],
            [t('bytes'), `${countText(found.bytes)} B`],
            [t('before'), number === 0 ? undefined : linkTo(number - 1)],
            [t('next'), linkTo(number + 1)],
          ]}
        />
      </Section>
    </>
  )
}

function Sealed({ is }: { readonly is: boolean }) {
  const t = useWords(words)
  return <State tone={is ? 'good' : 'busy'}>{t(is ? 'yes' : 'no')}</State>
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}

type Field = readonly [name: string, value: unknown]
type Entries = Readonly<Record<string, unknown>>

const isStructured = (value: unknown) =>
  Array.isArray(value) ? value.some((one) => typeof one === 'object') : typeof value === 'object'

/** Plain ones side by side; what has parts of its own below, under its name. */
function Fields({ of }: { readonly of: readonly Field[] }): ReactNode {
  const plain = of.filter(([, value]) => !isStructured(value))
  const structured = of.filter(([, value]) => isStructured(value))
  return (
    <>
      <Facts of={plain.map(([name, value]) => [fieldName(name), <Value key={name} name={name} value={value} />])} />
      {structured.map(([name, value]) => (
        <div key={name}>
          <h3>{fieldName(name)}</h3>
          {Array.isArray(value) ? (
            <Entries name={name} of={value as readonly Entries[]} />
          ) : (
            <Fields of={Object.entries(value as Entries)} />
          )}
        </div>
      ))}
    </>
  )
}

/** A list whose entries have the same fields. */
function Entries({ name, of }: { readonly name: string; readonly of: readonly Entries[] }) {
  const names = [...new Set(of.flatMap((one) => Object.keys(one)))]
  const columns = names.map((field) => ({
    id: field,
    title: fieldName(field),
    cell: (one: Entries) => <Value name={field} value={one[field]} />,
  }))
  return <Table label={fieldName(name)} columns={columns} rows={of} rowId={(one) => JSON.stringify(one)} />
}

function Value({ name, value }: { readonly name: string; readonly value: unknown }): ReactNode {
  if (Array.isArray(value)) return value.map((one) => valueWords(name, one)).join(', ') || '—'
  if (value === '' || value === undefined) return '—'
  if (typeof value === 'string' && /^[0-9a-f]{32,}$/.test(value)) return <Digest value={value} digits={16} />
  if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return <Time at={value} both />
  if (name === 'job' && typeof value === 'string') return <PageLink to={`/record/runs/${value}`}>{value}</PageLink>
  return valueWords(name, value)
}
