// What a waiting job asks for: who, why, with whom, which columns, what it would send, and what that costs in privacy.
import type { RequestFacts } from '#console/api/approvals.ts'
import { Bytes, bytesText, Count, durationText, figureText, Party, Time } from '../../components/format.tsx'
import { Facts, Section } from '../../components/layout.tsx'
import { Badge, Gauge, Note } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { dictionary, useLanguage, useWords } from '../../words.ts'

const words = dictionary({
  asks: ['Who asks for what', '谁申请什么'],
  job: ['job', '作业'],
  guest: ['who asks', '发起方'],
  purpose: ['purpose', '用途'],
  counterparties: ['other parties', '其他参与方'],
  receivers: ['results go to', '结果接收方'],
  dataset: ['data set', '数据集'],
  version: ['version', '版本'],
  label: ['label that is trained on', '用于训练的标签'],
  time: ['asked', '申请时间'],
  answerBy: ['answer by', '答复期限'],
  none: ['none', '无'],
  columns: ['Columns', '列'],
  column: ['column', '列'],
  alias: ['others see', '他方所见名称'],
  meaning: ['meaning', '含义'],
  unit: ['unit', '单位'],
  expectation: ['expected risk', '预期风险方向'],
  '+': ['rises with the value', '随数值升高'],
  '-': ['falls with the value', '随数值降低'],
  '0': ['no expectation', '无预期'],
  tasks: ['What it would do', '将执行的任务'],
  task: ['task', '任务'],
  protocol: ['protocol', '协议'],
  rounds: ['rounds at most', '轮数上限'],
  sends: ['kinds of messages from this party', '本方发出的消息种类'],
  plain: ['of them plain numbers', '其中为明文数值'],
  bytes: ['bytes of all parties, about', '各方合计字节（约）'],
  estimate: [
    'About {bytes} sent by all parties together in about {time}, for at most {rows} rows; a rough guess from the sizes in the catalogue.',
    '各方合计约发送 {bytes}，约需 {time}，至多 {rows} 行；按目录中的规模粗略估计。',
  ],
  privacy: ['Privacy of the data set', '数据集的隐私消耗'],
  privacyNow: [
    'ε {before} so far; {after} after {rounds} rounds of this job, at δ {delta}',
    '目前 ε {before}；本作业 {rounds} 轮后 {after}，δ 为 {delta}',
  ],
  privacyOf: ['ε {after} of at most {limit}', 'ε {after}，上限 {limit}'],
  privacyFree: ['No limit is set for this data set.', '该数据集未设上限。'],
  bins: ['It proposes to join bins', '拟合并分箱'],
  binsWhy: [
    'There is no signature for this alone: approving the job accepts it. Bins of values are joined only with neighbours, and the agent refuses what would single out a few rows.',
    '合并分箱不单独签署：批准作业即接受。数值分箱只能与相邻者合并，代理并拒绝会凸显少数行的合并。',
  ],
  groups: ['bins, by number', '分箱编号'],
  spec: ['The job as its guest signed it', '发起方签署的作业原文'],
})

export function RequestFactsView({ request }: { readonly request: RequestFacts }) {
  const t = useWords(words)
  const language = useLanguage()
  const { privacy } = request
  return (
    <>
      <Section title={t('asks')} tour="request">
        <Facts
          of={[
            [t('guest'), <Party key="guest" name={request.guest} />],
            [t('purpose'), <strong key="purpose">{request.purpose}</strong>],
            [t('counterparties'), request.counterparties.join(', ') || t('none')],
            [t('receivers'), request.receivers.join(', ')],
            [t('dataset'), request.dataset],
            [t('version'), <code key="version">{request.datasetVersion}</code>],
            [t('label'), request.label],
            [t('time'), <Time key="time" at={request.time} />],
            [t('answerBy'), request.answerBy === undefined ? undefined : <Time key="by" at={request.answerBy} />],
            [t('job'), <code key="job">{request.job}</code>],
          ]}
        />
        <h3>
          {t('columns')} <Badge>{String(request.columns.length)}</Badge>
        </h3>
        <Table
          label={t('columns')}
          rows={request.columns}
          rowId={({ name }) => name}
          columns={[
            { id: 'name', title: t('column'), cell: ({ name }) => <code>{name}</code>, order: ({ name }) => name },
            {
              id: 'meaning',
              title: t('meaning'),
              cell: ({ en = '', zh = '' }) => (language === 'zh' ? zh || en : en || zh),
            },
            { id: 'alias', title: t('alias'), cell: ({ alias }) => <code>{alias}</code> },
            { id: 'unit', title: t('unit'), cell: ({ unit = '' }) => unit },
            { id: 'sign', title: t('expectation'), cell: ({ sign }) => (sign === undefined ? '' : t(sign)) },
          ]}
        />
        {privacy === undefined ? null : <Privacy privacy={privacy} />}
        {request.merges.length === 0 ? null : (
          <Note tone="wait" title={t('bins')}>
            <p>{t('binsWhy')}</p>
            <ul className="owner-list">
              {request.merges.map(({ alias, column, groups }) => (
                <li key={alias}>
                  <code>{column ?? alias}</code>: {groups.map((group) => group.join(' + ')).join(', ')}
                </li>
              ))}
            </ul>
          </Note>
        )}
      </Section>
      <Section title={t('tasks')} tour="what-leaves">
        <Tasks request={request} />
        {request.estimate === undefined ? null : (
          <p className="muted">
            {t('estimate', {
              bytes: bytesText(request.estimate.bytes),
              time: durationText(request.estimate.seconds),
              rows: request.estimate.rows,
            })}
          </p>
        )}
        <details>
          <summary>{t('spec')}</summary>
          <pre className="block">
            <code>{request.spec}</code>
          </pre>
        </details>
      </Section>
    </>
  )
}

function Tasks({ request }: { readonly request: RequestFacts }) {
  const t = useWords(words)
  const ours = (protocol: string) =>
    request.cards.find((card) => card.protocol === protocol)?.messages.filter((message) => message.ours) ?? []
  return (
    <Table
      label={t('tasks')}
      rows={request.tasks}
      rowId={({ task }) => task}
      columns={[
        { id: 'task', title: t('task'), cell: ({ task }) => <code>{task}</code> },
        { id: 'protocol', title: t('protocol'), cell: ({ protocol }) => protocol },
        { id: 'rounds', title: t('rounds'), align: 'end', cell: ({ rounds }) => <Count value={rounds} /> },
        {
          id: 'sends',
          title: t('sends'),
          align: 'end',
          cell: ({ protocol }) => <Count value={ours(protocol).length} />,
        },
        {
          id: 'plain',
          title: t('plain'),
          align: 'end',
          cell: ({ protocol }) => <Count value={ours(protocol).filter(({ released }) => released).length} />,
        },
        ...(request.estimate === undefined
          ? []
          : [
              {
                id: 'bytes',
                title: t('bytes'),
                align: 'end' as const,
                cell: ({ bytes }: RequestFacts['tasks'][number]) =>
                  bytes === undefined ? '' : <Bytes value={bytes} />,
              },
            ]),
      ]}
    />
  )
}

export function Privacy({ privacy }: { readonly privacy: NonNullable<RequestFacts['privacy']> }) {
  const t = useWords(words)
  const { before, after, rounds, delta, limit } = privacy
  const [now, then] = [figureText(before, 3), figureText(after, 3)]
  return (
    <Note title={t('privacy')}>
      <p>{t('privacyNow', { before: now, after: then, rounds, delta: String(delta) })}</p>
      {limit === undefined ? (
        <p>{t('privacyFree')}</p>
      ) : (
        <Gauge
          label={t('privacy')}
          value={after}
          most={limit}
          words={t('privacyOf', { after: then, limit: String(limit) })}
        />
      )}
    </Note>
  )
}
