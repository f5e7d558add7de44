// The offer of a tour on the first page, until it has been taken to its end or declined.
import { useState } from 'react'
import { Button } from '../components/button.tsx'
import { Note } from '../components/state.tsx'
import { dictionary, useSaid, useWords } from '../words.ts'
import { isDeclined, decline, startTour, useTourPlace } from './tour-place.ts'
import { stepsOf, tourOf } from './tours.ts'
import { useVisitor } from './visitor.ts'

const words = dictionary({
  offer: [
    'Two minutes, {n} steps, on these very pages. You can leave and come back at any time.',
    '两分钟，{n} 步，就在这些页面上进行。可随时离开，稍后继续。',
  ],
  start: ['Start the tour', '开始导览'],
  resume: ['Go on where you left', '从上次位置继续'],
  decline: ['Not now', '暂不需要'],
})

export function TourCard() {
  const t = useWords(words)
  const said = useSaid()
  const { about, role } = useVisitor()
  const place = useTourPlace()
  const tour = tourOf(about.kind, role)
  const [isGone, setGone] = useState(tour === undefined || isDeclined(tour.id))
  if (tour === undefined || isGone || place?.isOpen === true) return null
  const isBegun = place?.tour === tour.id && place.step > 0
  return (
    <Note tone="busy" title={said(tour.title)}>
      <p>{t('offer', { n: stepsOf(tour, about.kind, role).length })}</p>
      <div className="actions">
        <Button look="primary" onPress={() => startTour(tour, { resume: true })}>
          {t(isBegun ? 'resume' : 'start')}
        </Button>
        <Button
          look="quiet"
          onPress={() => {
            decline(tour.id)
            setGone(true)
          }}
        >
          {t('decline')}
        </Button>
      </div>
    </Note>
  )
}
