// What the doctor finds at this agent: each check green or red, with what mends it. Runs when the page opens and on demand.
import { useState } from 'react'
import { type Health, healthCalls } from '#console/api/health.ts'
import { clientOf, useAsked } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { Time } from '../../components/format.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Note, State, type Tone } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'
import './owner.css'

const words = dictionary({
  title: ['Health', '健康检查'],
  lead: [
    'What an agent needs to run: configuration, keys, certificate, trust, disk, connection, clock. The same as the command “tributary doctor”.',
    '代理运行所需的一切：配置、密钥、证书、信任清单、磁盘、连接、时钟。与命令“tributary doctor”相同。',
  ],
  again: ['Examine again', '重新检查'],
  withData: ['Examine with data sets', '连同数据集检查'],
  examining: ['Examining …', '正在检查…'],
  examiningData: [
    'Examining; every data set is read once, which takes minutes where they are large …',
    '正在检查；每个数据集会完整读取一次，数据量大时需数分钟…',
  ],
  well: ['All is well.', '一切正常。'],
  sum: ['{red} to mend, {skipped} not checked', '{red} 项待处理，{skipped} 项未检查'],
  at: ['examined', '检查时间'],
  dataLeftOut: ['Data sets were not read.', '未读取数据集。'],
  check: ['check', '检查项'],
  state: ['state', '状态'],
  found: ['found', '结果'],
  mend: ['what to do', '处理办法'],
  green: ['well', '正常'],
  red: ['to mend', '待处理'],
  skipped: ['not checked', '未检查'],
})
const client = clientOf(healthCalls)
const TONES: Readonly<Record<Health['checks'][number]['state'], Tone>> = { green: 'good', red: 'bad', skipped: 'plain' }

export default function HealthPage() {
  const t = useWords(words)
  const [asked, setAsked] = useState({ data: false, turn: 0 })
  const { data } = asked
  const health = useAsked(['health', asked], (signal) => client.health({ body: { data } }, { signal }))
  const ask = (withData: boolean) => setAsked({ data: withData, turn: asked.turn + 1 })
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <>
          <Button onPress={() => ask(true)} isDisabled={health.isFetching}>
            {t('withData')}
          </Button>
          <Button onPress={() => ask(false)} isDisabled={health.isFetching}>
            {t('again')}
          </Button>
        </>
      }
    >
      {health.isFetching ? (
        <p className="loading" role="status">
          {t(data ? 'examiningData' : 'examining')}
        </p>
      ) : (
        <Answer of={health}>{(found) => <Checks health={found} />}</Answer>
      )}
    </Page>
  )
}

function Checks({ health: { ok, checks, at, withData } }: { readonly health: Health }) {
  const t = useWords(words)
  const said = useSaid()
  const count = (state: string) => checks.filter((check) => check.state === state).length
  return (
    <>
      <Note
        tone={ok ? 'good' : count('red') > 0 ? 'bad' : 'wait'}
        title={ok ? t('well') : t('sum', { red: count('red'), skipped: count('skipped') })}
      >
        <p>
          {t('at')} <Time at={at} />. {withData ? '' : t('dataLeftOut')}
        </p>
      </Note>
      <Table
        label={t('title')}
        rows={checks}
        rowId={({ title }) => title.en}
        mark={({ state }) => (state === 'red' ? 'bad' : undefined)}
        columns={[
          { id: 'check', title: t('check'), cell: ({ title }) => said(title) },
          { id: 'state', title: t('state'), cell: ({ state }) => <State tone={TONES[state]}>{t(state)}</State> },
          { id: 'found', title: t('found'), cell: ({ found }) => said(found) },
          { id: 'mend', title: t('mend'), cell: ({ mend }) => (mend === undefined ? '' : said(mend)) },
        ]}
      />
    </>
  )
}
