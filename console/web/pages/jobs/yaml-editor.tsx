// A job file as text, edited in place: numbers of lines, a mark beside each line with a mistake, and the list of mistakes,
// from which a press leads to the place.
import { useId, useMemo, useRef } from 'react'
import type { JobProblem } from '#console/api/jobs.ts'
import { Button } from '../../components/button.tsx'
import { dictionary, useWords } from '../../words.ts'

const words = dictionary({
  label: ['Job file (YAML)', '作业文件（YAML）'],
  hint: ['Mistakes are shown as you type. Tab leaves the field.', '输入时即时显示错误。按 Tab 键离开编辑框。'],
  problems: ['{n} {n|mistake|mistakes}', '{n} 处错误'],
  none: ['No mistakes', '没有错误'],
  checking: ['Checking …', '正在检查…'],
  place: ['Line {line}, column {column}', '第 {line} 行第 {column} 列'],
})

interface EditorProps {
  readonly text: string
  readonly onChange: (text: string) => void
  readonly problems: readonly JobProblem[]
  /** the problems are those of a text before this one */
  readonly isChecking: boolean
}

export function YamlEditor({ text, onChange, problems, isChecking }: EditorProps) {
  const t = useWords(words)
  const area = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  const lines = useMemo(() => text.split('\n'), [text])
  const wrong = useMemo(() => new Set(problems.map(({ line }) => line)), [problems])
  const go = ({ line, column }: JobProblem) => {
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0) + column - 1
    const end = start + (lines[line - 1]?.length ?? 0) - column + 1
    area.current?.focus()
    area.current?.setSelectionRange(start, Math.max(start, end))
  }
  const summary = isChecking ? t('checking') : problems.length === 0 ? t('none') : t('problems', { n: problems.length })
  return (
    <div className="field yaml">
      <label htmlFor={`${id}-text`}>{t('label')}</label>
      <div className="yaml-frame">
        <div className="yaml-lines" aria-hidden="true">
          {lines.map((_, i) => (
            // the number of a line is what it is
            <div className={wrong.has(i + 1) ? 'yaml-line yaml-wrong' : 'yaml-line'} key={i}>
              {wrong.has(i + 1) ? '✕ ' : ''}
              {i + 1}
            </div>
          ))}
        </div>
        <textarea
          className="yaml-text"
          id={`${id}-text`}
          ref={area}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          rows={lines.length}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          aria-invalid={problems.length > 0}
          aria-describedby={`${id}-hint ${id}-problems`}
        />
      </div>
      <span className="hint" id={`${id}-hint`}>
        {t('hint')}
      </span>
      <div id={`${id}-problems`}>
        <p className={problems.length > 0 ? 'yaml-summary yaml-bad' : 'yaml-summary'} role="status">
          {summary}
        </p>
        {problems.length === 0 ? null : (
          <ul className="yaml-problems">
            {problems.map((problem) => (
              <li key={`${problem.line}:${problem.column} ${problem.key}`}>
                <Button look="quiet" onPress={() => go(problem)}>
                  {t('place', problem)}
                </Button>
                {problem.key === '' ? null : <code>{problem.key}</code>}
                <span>{problem.message}</span>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
