// The guided tour: a panel that does not block the page, and a ring around what it speaks of. All of it by keyboard:
// the panel takes the focus at each step, Escape leaves it, F6 brings the reader back into it.
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../components/button.tsx'
import { dictionary, useSaid, useWords } from '../words.ts'
import { goTo, leaveTour, useTourPlace } from './tour-place.ts'
import { stepsOf, TOURS, type Step, type Tour } from './tours.ts'
import { useVisitor } from './visitor.ts'

const words = dictionary({
  step: ['Step {n} of {all}', '第 {n} 步，共 {all} 步'],
  next: ['Next', '下一步'],
  back: ['Back', '上一步'],
  leave: ['Leave', '离开'],
  done: ['Done', '完成'],
  keys: ['F6 leads back into this panel, Escape leaves the tour.', '按 F6 返回本面板，按 Esc 退出导览。'],
})

export function TourPanel() {
  const place = useTourPlace()
  const { about, role } = useVisitor()
  const tour = TOURS.find(({ id }) => id === place?.tour)
  if (place?.isOpen !== true || tour === undefined) return null
  const steps = stepsOf(tour, about.kind, role)
  const step = steps[Math.min(place.step, steps.length - 1)]
  if (step === undefined) return null
  return <Panel tour={tour} step={step} at={steps.indexOf(step)} all={steps.length} />
}

function Panel({ tour, step, at, all }: { tour: Tour; step: Step; at: number; all: number }) {
  const t = useWords(words)
  const said = useSaid()
  const panel = useRef<HTMLElement>(null)
  const isLast = at === all - 1
  usePage(step)
  useRing(step)
  useEffect(() => panel.current?.focus({ preventScroll: true }), [step])
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key === 'F6') {
        event.preventDefault()
        panel.current?.focus()
      } else if (event.key === 'Escape' && panel.current?.contains(document.activeElement) === true) leaveTour(false)
    }
    addEventListener('keydown', listen)
    return () => removeEventListener('keydown', listen)
  }, [])
  return (
    <section className="tour" ref={panel} tabIndex={-1} aria-label={said(tour.title)} aria-describedby="tour-text">
      <p className="tour-step">
        {said(tour.title)} · {t('step', { n: at + 1, all })}
      </p>
      <h2>{said(step.title)}</h2>
      <p id="tour-text" aria-live="polite">
        {said(step.text)}
      </p>
      <div className="actions">
        <Button look="quiet" onPress={() => leaveTour(false)}>
          {t('leave')}
        </Button>
        <span className="tour-space" />
        <Button isDisabled={at === 0} onPress={() => goTo(at - 1)}>
          {t('back')}
        </Button>
        <Button look="primary" onPress={() => (isLast ? leaveTour(true) : goTo(at + 1))}>
          {t(isLast ? 'done' : 'next')}
        </Button>
      </div>
      <p className="hint tour-keys">{t('keys')}</p>
    </section>
  )
}

/** Opens the page of a step; what the reader opens by themselves in between is not taken back. */
function usePage(step: Step): void {
  const [path, navigate] = useLocation()
  const opened = useRef<Step>(undefined)
  useEffect(() => {
    if (opened.current === step) return
    opened.current = step
    if (step.open !== undefined && step.open !== path) navigate(step.open)
  }, [step, path, navigate])
}

/** Marks the element of a step as soon as the page has drawn it; a better one that comes later takes its place. */
function useRing(step: Step): void {
  useEffect(() => {
    let marked: Element | undefined
    let rank = Number.POSITIVE_INFINITY
    const mark = () => {
      // a page may be drawn anew when its answer comes
      if (marked?.isConnected === false) rank = Number.POSITIVE_INFINITY
      const elements = step.points.map((one) => document.querySelector(`[data-tour="${one}"]`))
      const best = elements.findIndex((one) => one?.checkVisibility() === true)
      if (best < 0 || best >= rank) return
      marked?.removeAttribute('data-tour-here')
      marked = elements[best] ?? undefined
      rank = best
      marked?.setAttribute('data-tour-here', '')
      marked?.scrollIntoView({ block: 'nearest', behavior: 'smooth' })
    }
    const watch = new MutationObserver(mark)
    watch.observe(document.body, { childList: true, subtree: true })
    mark()
    return () => {
      watch.disconnect()
      marked?.removeAttribute('data-tour-here')
    }
  }, [step])
}
