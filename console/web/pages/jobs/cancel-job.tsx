// Ends a job for all its parties, after a question.
import { useState } from 'react'
import { jobCalls } from '#console/api/jobs.ts'
import { askAgain, clientOf } from '../../client.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { ProblemNote } from '../../components/problem.tsx'
import { dictionary, useWords } from '../../words.ts'

const words = dictionary({
  cancel: ['Cancel the job', '取消作业'],
  question: ['Cancel “{name}”?', '取消“{name}”？'],
  meaning: [
    'The job ends at every party and cannot go on from here. What was computed so far is lost. The access log of your party states that you had it cancelled.',
    '作业将在所有参与方终止且无法恢复，已完成的计算会丢失。本方访问记录会载明由您取消。',
  ],
  keep: ['Let it run', '继续运行'],
})

const calls = clientOf(jobCalls)

export function CancelJob({ job, name }: { readonly job: string; readonly name: string }) {
  const t = useWords(words)
  const [isOpen, setOpen] = useState(false)
  const [isPending, setPending] = useState(false)
  const [error, setError] = useState<unknown>()
  const cancel = async () => {
    setPending(true)
    setError(undefined)
    try {
      await calls.cancelJob({ params: { job } })
      void askAgain('jobs')
      setOpen(false)
    } catch (failure) {
      setError(failure)
    } finally {
      setPending(false)
    }
  }
  return (
    <>
      <Button onPress={() => setOpen(true)}>{t('cancel')}</Button>
      <Dialog title={t('question', { name })} isOpen={isOpen} onClose={() => setOpen(false)}>
        <p>{t('meaning')}</p>
        {error === undefined ? null : <ProblemNote error={error} />}
        <div className="actions">
          <Button onPress={() => setOpen(false)} autoFocus>
            {t('keep')}
          </Button>
          <Button look="danger" isPending={isPending} onPress={() => void cancel()}>
            {t('cancel')}
          </Button>
        </div>
      </Dialog>
    </>
  )
}
