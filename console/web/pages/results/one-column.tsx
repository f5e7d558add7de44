// One column of any party: weights of evidence and bad rates by bin. Of a partner the bins are numbers; cut points stay there.
import { useState } from 'react'
import { resultCalls } from '#console/api/results.ts'
import type { EvaluationPack } from '#credit/evaluation/pack.ts'
import { woeBins } from '#credit/report/feature-sections.ts'
import { colourOf } from '#credit/report/performance-sections.ts'
import type { WoeBin } from '#credit/report/plots.ts'
import { featureLabel, recordsOf, textOf, valuesOf } from '#credit/report/table-markup.ts'
import { setTitle } from '#credit/report/words.ts'
import { clientOf } from '../../client.ts'
import { Select } from '../../components/fields.tsx'
import { Answer } from '../../components/state.tsx'
import { Table } from '../../components/table.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { useRead } from './kept.ts'
import { Figure } from './curve-figure.tsx'
import { PackTable } from './pack-table.tsx'
import { words } from './words.ts'

const calls = clientOf(resultCalls)
const BETWEEN = ' · '
const MOST_BINS = 2000

export function OneColumn({ pack }: { readonly pack: EvaluationPack }) {
  const t = useWords(words)
  const language = useLanguage()
  const ranking = recordsOf(pack.tables.find(({ name }) => name === 'iv_ranking'))
  const columns = ranking.map((record) => [textOf(record, 'party'), textOf(record, 'feature')] as const)
  const [chosen, setChosen] = useState(columns[0]?.join(BETWEEN))
  const [party, feature] = columns.find((column) => column.join(BETWEEN) === chosen) ?? []
  return (
    <section className="by-set" aria-label={t('oneColumn')} data-tour="result-woe">
      <h3>{t('oneColumn')}</h3>
      <div className="chosen">
        <Select
          label={t('chooseColumn')}
          value={chosen}
          onChange={setChosen}
          options={columns.map(([owner, name]) => ({
            id: [owner, name].join(BETWEEN),
            title: featureLabel(pack, owner, name, language),
          }))}
        />
      </div>
      {party === undefined || feature === undefined ? null : <Bins pack={pack} party={party} feature={feature} />}
      <p className="muted">{t('woeNote')}</p>
    </section>
  )
}

function Bins({
  pack,
  party,
  feature,
}: {
  readonly pack: EvaluationPack
  readonly party: string
  readonly feature: string
}) {
  const language = useLanguage()
  const { jobId } = pack.run
  const asked = useRead(['results', jobId, 'woe', party, feature], (signal) =>
    calls.table(
      { params: { job: jobId, table: 'woe_table' }, query: { party, feature, limit: MOST_BINS } },
      { signal },
    ),
  )
  return (
    <Answer of={asked}>
      {(part) => {
        const sets = valuesOf(part, 'set')
        const title = featureLabel(pack, party, feature, language)
        return (
          <>
            <WoeFigure title={title} bins={woeBins(recordsOf(part), sets)} sets={sets} />
            <PackTable key={`${party} ${feature}`} pack={pack} part={part} title={title} columns={SHOWN} isUntitled />
          </>
        )
      }}
    </Answer>
  )
}

const SHOWN = ['set', 'bin_no', 'bin_label', 'n', 'n_pct', 'bad', 'bad_rate', 'woe', 'bin_iv', 'flag']
const [WIDTH, HEIGHT, LEFT, RIGHT, MIDDLE, LOW] = [720, 300, 52, 12, 95, 268]

function WoeFigure({
  title,
  bins,
  sets,
}: {
  readonly title: string
  readonly bins: readonly WoeBin[]
  readonly sets: readonly string[]
}) {
  const t = useWords(words)
  const language = useLanguage()
  const high = Math.max(0.1, ...bins.map(({ woe }) => Math.abs(woe)))
  const most = Math.max(0.001, ...bins.flatMap(({ rates }) => rates.filter((rate) => rate !== null)))
  const step = (WIDTH - LEFT - RIGHT) / Math.max(1, bins.length)
  const center = (i: number) => LEFT + (i + 0.5) * step
  const woeY = (woe: number) => MIDDLE - (woe / high) * 80
  const rateY = (rate: number) => LOW - (rate / most) * 70
  const percent = (rate: number | null | undefined) => (typeof rate === 'number' ? `${(100 * rate).toFixed(2)}%` : '–')
  return (
    <Figure
      title={title}
      size={[WIDTH, HEIGHT]}
      legend={sets.map((set) => ({
        name: `${t('badRate')} · ${setTitle(set, language)}`,
        colour: colourOf(set),
        isDashed: false,
      }))}
      table={
        <Table
          label={title}
          rows={bins}
          rowId={({ number }) => number}
          columns={[
            { id: 'bin', title: t('bin'), cell: ({ label }) => label },
            { id: 'woe', title: t('woe'), align: 'end', cell: ({ woe }) => woe.toFixed(4) },
            ...sets.map((set, i) => ({
              id: set,
              title: `${t('badRate')} · ${setTitle(set, language)}`,
              align: 'end' as const,
              cell: ({ rates }: WoeBin) => percent(rates[i]),
            })),
          ]}
        />
      }
    >
      {bins.map(({ number, label, woe, special }, i) => (
        <g key={number}>
          <rect
            className={woe > 0 ? 'mark-riskier' : 'mark-safer'}
            fillOpacity={special ? 0.35 : 1}
            x={center(i) - step * 0.35}
            width={step * 0.7}
            y={Math.min(woeY(0), woeY(woe))}
            height={Math.max(1, Math.abs(woeY(woe) - woeY(0)))}
          >
            <title>{`${label}: ${woe.toFixed(4)}`}</title>
          </rect>
          <text x={center(i)} y={HEIGHT - 12} textAnchor="middle">
            {number}
          </text>
        </g>
      ))}
      <line className="plot-axis" x1={LEFT} x2={WIDTH - RIGHT} y1={woeY(0)} y2={woeY(0)} />
      <line className="plot-grid" x1={LEFT} x2={WIDTH - RIGHT} y1={LOW} y2={LOW} />
      {[high, 0, -high].map((woe) => (
        <text key={woe} x={LEFT - 6} y={woeY(woe) + 4} textAnchor="end">
          {woe.toFixed(2)}
        </text>
      ))}
      {[most, 0].map((rate) => (
        <text key={rate} x={LEFT - 6} y={rateY(rate) + 4} textAnchor="end">
          {`${(100 * rate).toFixed(most < 0.1 ? 1 : 0)}%`}
        </text>
      ))}
      <text x={(LEFT + WIDTH - RIGHT) / 2} y={HEIGHT} textAnchor="middle">
        {t('bin')}
      </text>
      {sets.map((set, s) => (
        <polyline
          key={set}
          className={`plot-line stroke-${colourOf(set)}`}
          points={bins
            .flatMap(({ rates }, i) => (typeof rates[s] === 'number' ? [`${center(i)},${rateY(rates[s])}`] : []))
            .join(' ')}
        />
      ))}
    </Figure>
  )
}
