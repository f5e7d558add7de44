// Chapters of a job that averaged: measures of all parties and of the own rows, round by round, columns.
import type { Chapter } from '#console/api/results.ts'
import type { TablePart } from '#console/api/tables.ts'
import type { Cell } from '#credit/evaluation/pack.ts'
import { recordsOf } from '#credit/report/table-markup.ts'
import { Curve } from '../../charts/curve.tsx'
import { countText, figureText, shareText } from '../../components/format.tsx'
import { Table } from '../../components/table.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { words } from './words.ts'

interface Shown {
  readonly chapter: Chapter
}
type Words = ReturnType<typeof useWords<typeof words>>

const partOf = ({ tables }: Chapter, name: string) => tables.find((table) => table.name === name)
const MODELS = { joint: 'modelJoint', alone: 'modelAlone', personal: 'modelPersonal' } as const

/** Titles and forms of the columns; what is not named is written as it is. */
function columnsOf(
  t: Words,
): Readonly<Record<string, readonly [title: string, form: 'count' | 'share' | 'text' | 'figure']>> {
  return {
    rows_of: [t('rowsOfTitle'), 'text'],
    model: [t('model'), 'text'],
    n: [t('n'), 'count'],
    rows: [t('n'), 'count'],
    bad: [t('bad'), 'count'],
    auc: ['AUC', 'figure'],
    auc_error: [t('aucError'), 'figure'],
    ks: ['KS', 'figure'],
    loss: [t('loss'), 'figure'],
    round: [t('round'), 'text'],
    opener: [t('opener'), 'text'],
    own_loss: [t('ownLoss'), 'figure'],
    cut: [t('cutOff'), 'share'],
    epsilon: [t('spent'), 'figure'],
    left_out: [t('leftOut'), 'text'],
    column: [t('column'), 'text'],
    missing: ['–', 'count'],
    mean: [t('mean'), 'figure'],
    deviation: [t('sd'), 'figure'],
  }
}

function Plain({ part, title }: { readonly part: TablePart | undefined; readonly title: string }) {
  const t = useWords(words)
  const language = useLanguage()
  if (part === undefined) return null
  const known = columnsOf(t)
  const rows = part.rows.map((cells, at) => ({ at, cells }))
  // a column that nothing stands in is of another kind of job
  const shown = part.columns.flatMap((name, i) =>
    rows.some(({ cells }) => (cells[i] ?? '') !== '') ? [{ name, i }] : [],
  )
  return (
    <>
      <h3>{title}</h3>
      <Table
        label={title}
        rows={rows}
        rowId={({ at }) => at}
        columns={shown.map(({ name, i }) => {
          const [head = name, form = 'figure'] = known[name] ?? []
          return {
            id: name,
            title: name === 'missing' ? (language === 'zh' ? '缺失' : 'missing') : head,
            align: form === 'text' ? ('start' as const) : ('end' as const),
            cell: ({ cells }: (typeof rows)[number]) => said(cells[i] ?? null, form, t),
          }
        })}
      />
    </>
  )
}

function said(cell: Cell, form: 'count' | 'share' | 'text' | 'figure', t: Words): string {
  if (cell === null || cell === '') return '–'
  if (typeof cell !== 'number') {
    const text = String(cell)
    if (text === 'all_parties' || text === 'own_rows') return t(text)
    return text in MODELS ? t(MODELS[text as keyof typeof MODELS]) : text
  }
  if (form === 'count') return countText(cell)
  if (form === 'share') return shareText(cell, 2)
  return form === 'text' ? String(cell) : figureText(cell)
}

export function AverageQuality({ chapter }: Shown) {
  const t = useWords(words)
  return (
    <>
      <p className="muted">{t('ownNote')}</p>
      <Plain part={partOf(chapter, 'average_quality')} title={t('average_quality')} />
    </>
  )
}

export function AverageRounds({ chapter }: Shown) {
  const t = useWords(words)
  const part = partOf(chapter, 'rounds')
  const records = recordsOf(part)
  const x = records.map((record) => Number(record['round']))
  const values = (name: string) => records.map((record) => (typeof record[name] === 'number' ? record[name] : null))
  const hasAny = (name: string) => values(name).some((value) => value !== null)
  const curves = [
    { id: 'loss', title: t('loss'), lines: [['loss', t('all_parties')] as const, ['own_loss', t('ownLoss')] as const] },
    { id: 'auc', title: 'AUC', lines: [['auc', t('all_parties')] as const] },
    { id: 'ks', title: 'KS', lines: [['ks', t('all_parties')] as const] },
    { id: 'epsilon', title: t('spent'), lines: [['epsilon', t('spent')] as const] },
  ]
  return (
    <>
      <div className="plots">
        {curves
          .filter(({ id }) => records.length > 1 && hasAny(id))
          .map(({ id, title, lines }) => (
            <Curve
              key={id}
              title={title}
              xTitle={t('round')}
              yTitle={title}
              x={x}
              lines={lines.filter(([name]) => hasAny(name)).map(([name, of]) => ({ title: of, y: values(name) }))}
            />
          ))}
      </div>
      <Plain part={part} title={t('roundsTable')} />
    </>
  )
}

export function AverageStatistics({ chapter }: Shown) {
  const t = useWords(words)
  return (
    <>
      <Plain part={partOf(chapter, 'statistics')} title={t('statisticsTable')} />
      <Plain part={partOf(chapter, 'histograms')} title={t('histograms')} />
    </>
  )
}
