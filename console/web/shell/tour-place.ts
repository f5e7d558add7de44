// Where the reader is in a tour; kept in this browser, so that a tour can be left and taken up again.
import { useSyncExternalStore } from 'react'
import { TOURS, type Tour } from './tours.ts'

interface Place {
  readonly tour: string
  readonly step: number
  readonly isOpen: boolean
}

const KEPT_UNDER = 'tributary.tour'
const DECLINED_UNDER = 'tributary.tours-declined'
const listeners = new Set<() => void>()
let place: Place | undefined = kept()

function kept(): Place | undefined {
  const [tour, step] = (localStorage.getItem(KEPT_UNDER) ?? '').split(' ')
  // a tour is never open by itself after the page was loaded again
  return TOURS.some(({ id }) => id === tour) ? { tour: tour!, step: Number(step) || 0, isOpen: false } : undefined
}

function keep(next: Place): void {
  place = next
  localStorage.setItem(KEPT_UNDER, `${next.tour} ${next.step}`)
  for (const tell of listeners) tell()
}

/** Opens a tour at its beginning, or where it was left. */
export function startTour(tour: Tour, { resume = false } = {}): void {
  const step = resume && place?.tour === tour.id ? place.step : 0
  keep({ tour: tour.id, step, isOpen: true })
}

export function goTo(step: number): void {
  if (place !== undefined) keep({ ...place, step })
}

/** @param isDone begins anew the next time, and is not offered again */
export function leaveTour(isDone: boolean): void {
  if (place === undefined) return
  if (isDone) decline(place.tour)
  keep({ ...place, isOpen: false, step: isDone ? 0 : place.step })
}

const declined = () => (localStorage.getItem(DECLINED_UNDER) ?? '').split(' ')

export const isDeclined = (tour: string): boolean => declined().includes(tour)

/** The first page does not offer it any more; the head of every page still does. */
export function decline(tour: string): void {
  if (!isDeclined(tour)) localStorage.setItem(DECLINED_UNDER, [...declined(), tour].join(' ').trim())
}

export function useTourPlace(): Place | undefined {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell)
      return () => listeners.delete(tell)
    },
    () => place,
  )
}
