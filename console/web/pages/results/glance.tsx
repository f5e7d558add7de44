// A result at a glance: tiles of what was measured, and the facts of the run.
import type { Headline, Overview } from '#console/api/results.ts'
import { columnTitle } from '#credit/report/columns.ts'
import { Count, Digest, Figure, figureText } from '../../components/format.tsx'
import { Facts as FactList } from '../../components/layout.tsx'
import { useLanguage, useWords } from '../../words.ts'
import { words } from './words.ts'

export function Headlines({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  if (of.scored !== undefined)
    return (
      <div className="tiles">
        <div className="tile">
          <span className="tile-name">{t('scored')}</span>
          <span className="tile-figure">
            <Count value={of.scored} />
          </span>
        </div>
      </div>
    )
  return (
    <div className="tiles">
      {of.headline.map((one) => (
        <Tile key={`${one.model} ${one.measure}`} one={one} of={of} />
      ))}
    </div>
  )
}

function Tile({ one, of }: { readonly one: Headline; readonly of: Overview }) {
  const t = useWords(words)
  const language = useLanguage()
  const { joint, alone, measure, model } = one
  const title = columnTitle(measure, language)
  const isAverage = of.kind === 'average'
  return (
    <div className="tile">
      <span className="tile-name">
        {title} · {model === 'challenger' ? t('ofChallenger') : isAverage ? t('all_parties') : t('joint')}
      </span>
      <span className="tile-figure">
        <Figure value={joint.value} />
      </span>
      {joint.low === undefined || joint.high === undefined ? null : (
        <span className="muted numeric">
          {t(isAverage ? 'within' : 'interval')} {figureText(joint.low)} – {figureText(joint.high)}
        </span>
      )}
      {alone === undefined ? null : (
        <span className="numeric">
          {t('aloneOf', { party: of.guest })} {figureText(alone.value)} · {t('change')}{' '}
          {joint.value < alone.value ? '−' : '+'}
          {figureText(Math.abs(joint.value - alone.value))}
        </span>
      )}
    </div>
  )
}

export function Facts({ of }: { readonly of: Overview }) {
  const t = useWords(words)
  const { rows, rounds, converged, average, algorithm, challenger, guest, hosts } = of
  const isTrees = algorithm?.includes('gradient-boosted') === true
  const ended = converged === true ? (isTrees ? 'treesOf' : 'roundsOf') : isTrees ? undefined : 'roundsAll'
  return (
    <FactList
      of={[
        [t('took'), [`${guest} (${t('guestIs')})`, ...hosts].join(', ')],
        [t('algorithm'), algorithm],
        [t('challenger'), challenger],
        [t('rows'), rows === undefined ? undefined : t('rowsOf', rows)],
        [
          t(isTrees ? 'trees' : 'rounds'),
          rounds === undefined
            ? undefined
            : ended === undefined || average !== undefined
              ? rounds
              : t(ended, { n: rounds }),
        ],
        ...(average === undefined ? [] : averageFacts(average, t)),
      ]}
    />
  )
}

function averageFacts(
  average: NonNullable<Overview['average']>,
  t: ReturnType<typeof useWords<typeof words>>,
): [string, React.ReactNode][] {
  const { parameters, bestRound, rounds, modelDigest, engine, privacy } = average
  return [
    [t('weights'), <Count key="weights" value={parameters} />],
    [t('best'), `${bestRound} / ${rounds}`],
    [t('engine'), engine],
    [t('digest'), <Digest key="digest" value={modelDigest} />],
    [
      t('privacy'),
      privacy === undefined
        ? undefined
        : t('privacyOf', {
            spent: privacy.spent === undefined ? '–' : figureText(privacy.spent, 3),
            budget: privacy.budget,
            delta: String(privacy.delta),
            unit: privacy.unit,
            noise: privacy.noiseMultiplier,
          }),
    ],
  ]
}
