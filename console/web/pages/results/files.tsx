// What of a result can be kept as files, and the model as a version of a name.
import { useState } from 'react'
import { modelCalls } from '#console/api/models.ts'
import { type Overview, resultCalls } from '#console/api/results.ts'
import { askAgain, clientOf } from '../../client.ts'
import { Button, Download, PageLink } from '../../components/button.tsx'
import { TextField } from '../../components/fields.tsx'
import { Section } from '../../components/layout.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { Note } from '../../components/state.tsx'
import { useVisitor } from '../../shell/visitor.ts'
import { useWords } from '../../words.ts'
import { words } from './words.ts'

const calls = clientOf(resultCalls)
const models = clientOf(modelCalls)
const PAGE_FILES = [
  ['report', 'reportFile'],
  ['model-document', 'documentFile'],
] as const
const LANGUAGES = [
  ['zh', '中文'],
  ['en', 'English'],
] as const

export function Files({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  const { role } = useVisitor()
  const { job, files, kind, state } = of
  const pages = PAGE_FILES.filter(([page]) => files.includes(page))
  const hasModel = kind === 'classes' || kind === 'numbers' || kind === 'average'
  return (
    <Section title={t('files')} lead={t('filesLead')} tour="result-files">
      <div className="actions">
        {pages.flatMap(([page, title]) =>
          LANGUAGES.map(([language, name]) => (
            <Download
              key={`${page} ${language}`}
              name={`${job}.${page}.${language}.html`}
              file={() => calls.pageFile({ params: { job, page, language } })}
            >
              {t(title, { language: name })}
            </Download>
          )),
        )}
        {files.includes('evaluation') ? (
          <Download name={`${job}.evaluation.json`} file={() => calls.jsonFile({ params: { job } })}>
            {t('evaluationFile')}
          </Download>
        ) : null}
        {files.includes('scores') ? (
          <Download look="primary" name={`${job}.scores.csv`} file={() => calls.scoresFile({ params: { job } })}>
            {t('scoresFile')}
          </Download>
        ) : null}
      </div>
      {hasModel && state === 'succeeded' && role === 'modeler' ? <Register job={job} /> : null}
    </Section>
  )
}

/** The model of a job as the next version of a name. */
function Register({ job }: { readonly job: string }) {
  const t = useWords(words)
  const [name, setName] = useState('')
  const [isPending, setPending] = useState(false)
  const [made, setMade] = useState<{ readonly name: string; readonly version: number }>()
  const [error, setError] = useState<unknown>()
  const register = async (): Promise<void> => {
    setPending(true)
    setError(undefined)
    try {
      setMade(await models.registerModel({ body: { name, job } }))
      await askAgain('models')
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  return (
    <>
      <h3>{t('registerAs')}</h3>
      <form
        className="chosen"
        onSubmit={(event) => {
          event.preventDefault()
          void register()
        }}
      >
        <TextField label={t('modelName')} hint={t('nameHint')} value={name} onChange={setName} maxLength={64} />
        <Button type="submit" isPending={isPending} isDisabled={!/^[a-z][a-z0-9-]*$/.test(name)}>
          {t('register')}
        </Button>
      </form>
      {made === undefined ? null : (
        <Note tone="good">
          <PageLink to={`/models/${made.name}`}>{t('registered', made)}</PageLink>
        </Note>
      )}
      {error === undefined ? null : <ProblemNote error={error} />}
    </>
  )
}
