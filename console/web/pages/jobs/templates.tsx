// Where a new job begins: the templates, with who could take part in each, and why one cannot be used here.
import { jobCalls, type Template } from '#console/api/jobs.ts'
import { clientOf, useAsked } from '../../client.ts'
import { ButtonLink } from '../../components/button.tsx'
import { Page } from '../../components/layout.tsx'
import { Answer, Badge } from '../../components/state.tsx'
import { dictionary, useSaid, useWords } from '../../words.ts'
import { taskWords } from './job-words.ts'
import './jobs.css'

const words = dictionary({
  title: ['New job', '新建作业'],
  lead: [
    'Choose what you want to know. The job file is filled in with what the parties offer; you can change every line of it.',
    '选择目标。作业文件会按各方提供的数据自动填好，每一行都可修改。',
  ],
  jobs: ['Jobs', '作业'],
  use: ['Use this template', '使用此模板'],
  anyway: ['Open it unfilled', '打开未填写的模板'],
  with: ['With', '合作方'],
  does: ['Does', '包含任务'],
  lacking: ['Does not fit here: ', '此处不适用：'],
  scan: ['Scan', '准入扫描'],
  scorecard: ['Scorecard', '评分卡'],
  challenger: ['Scorecard and challenger', '评分卡与挑战者'],
  trees: ['Boosted trees', '提升树'],
  parks: ['Averaging', '横向联合建模'],
  hybrid: ['Hybrid', '混合联合建模'],
  warning: ['Early warning', '贷后预警'],
  score: ['Scores of new rows', '批量评分'],
})

const calls = clientOf(jobCalls)

export default function TemplatesPage() {
  const t = useWords(words)
  const templates = useAsked(['jobs', 'templates'], (signal) => calls.templates({}, { signal }))
  return (
    <Page title={t('title')} lead={t('lead')} back={{ to: '/jobs', title: t('jobs') }}>
      <Answer of={templates}>
        {(all) => (
          <ul className="templates" data-tour="templates">
            {all.map((template) => (
              <TemplateCard key={template.name} template={template} />
            ))}
          </ul>
        )}
      </Answer>
    </Page>
  )
}

function TemplateCard({ template: { name, title, tasks, partners, lacking } }: { readonly template: Template }) {
  const t = useWords(words)
  const task = useWords(taskWords)
  const said = useSaid()
  return (
    <li className="section template">
      <h2>{t(name as 'scan')}</h2>
      <p>{said(title)}</p>
      <dl className="facts facts-tight">
        <dt>{t('does')}</dt>
        <dd className="badges">
          {tasks.map((each) => (
            <Badge key={each}>{task(each as 'align')}</Badge>
          ))}
        </dd>
        {partners.length === 0 ? null : (
          <>
            <dt>{t('with')}</dt>
            <dd>{partners.join(', ')}</dd>
          </>
        )}
      </dl>
      {lacking === undefined ? null : (
        <p className="muted">
          {t('lacking')}
          {said(lacking)}
        </p>
      )}
      <div className="actions template-act">
        <ButtonLink to={`/jobs/new/${name}`} look={lacking === undefined ? 'primary' : 'quiet'}>
          {t(lacking === undefined ? 'use' : 'anyway')}
        </ButtonLink>
      </div>
    </li>
  )
}
