// The three tours, two minutes each: what the modeler, the data owner and compliance find here and why. A step opens a
// page and points at the first of its elements (data-tour) that is there; steps whose page is not for the reader are
// left out.
import type { PersonRole } from '#crypto/people/people.ts'
import type { Bilingual } from '#runtime/bilingual.ts'
import { isFor } from '../page.ts'
import { PAGES } from '../pages.ts'
import { COMPLIANCE_STEPS } from './tour-of-compliance.ts'
import { MODELER_STEPS } from './tour-of-modeler.ts'
import { OWNER_STEPS } from './tour-of-owner.ts'

export interface Step {
  /** a path of the registry without names in it; nothing: wherever the reader is */
  readonly open?: `/${string}`
  /** data-tour of what the step speaks of, the best first */
  readonly points: readonly string[]
  readonly title: Bilingual
  readonly text: Bilingual
}

export interface Tour {
  readonly id: 'modeler' | 'owner' | 'compliance'
  readonly roles: readonly PersonRole[]
  readonly title: Bilingual
  readonly steps: readonly Step[]
}

export const TOURS: readonly Tour[] = [
  {
    id: 'modeler',
    roles: ['modeler'],
    title: { en: 'Tour for modelers', zh: '建模人员导览' },
    steps: MODELER_STEPS,
  },
  {
    id: 'owner',
    roles: ['steward'],
    title: { en: 'Tour for data owners', zh: '数据所有方导览' },
    steps: OWNER_STEPS,
  },
  {
    id: 'compliance',
    roles: ['compliance', 'auditor'],
    title: { en: 'Tour for compliance', zh: '合规导览' },
    steps: COMPLIANCE_STEPS,
  },
]

/** The steps of a tour that this reader can follow at this program. */
export function stepsOf(tour: Tour, kind: 'agent' | 'coordinator', role: PersonRole): readonly Step[] {
  if (kind === 'coordinator') return [] // nothing of what the tours show is there
  return tour.steps.filter(
    ({ open }) =>
      open === undefined || open === '/' || PAGES.some((page) => page.path === open && isFor(page, kind, role)),
  )
}

/** The tour for a role at this program, where there is one with steps. */
export const tourOf = (kind: 'agent' | 'coordinator', role: PersonRole): Tour | undefined =>
  TOURS.find((tour) => tour.roles.includes(role) && stepsOf(tour, kind, role).length > 0)
