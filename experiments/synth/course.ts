// What happens to a firm in the twelve months after its application: the months before a default leave traces at every
// party, in some cases none, and some firms that recover leave them too. For early warning.
import type { Applicant } from './applicant.ts'
import { openStream, STREAM } from './stream.ts'
import type { World } from './world.ts'

export const COURSE_MONTHS = 12

export interface Course {
  /** standing of the firm, about standard normal; higher is better */
  readonly quality: number
  /** month after the application in which the first loan defaults, 4 … 12; absent where it does not */
  readonly defaultMonth?: number
  /** how much distress shows in month 1 … 12, in [0, 0.48] */
  distress(month: number): number
}

const SILENT = 0.22
const PASSING = 0.14
const PASSING_MONTHS = 3
const PASSING_DEPTH = 0.6
const DEEPEST = 0.48
/** Mean and spread of the log odds of default without the intercept. */
const RISK_MEAN = 0.2
const RISK_SPREAD = 1.9

export function drawCourse(world: World, a: Applicant): Course {
  const random = openStream(world.seed, STREAM.behaviour, a.row)
  const defaultMonth = 4 + Math.floor(9 * Math.sqrt(random.uniform()))
  const rampMonths = 2 + Math.floor(5 * random.uniform())
  const silent = random.uniform() < SILENT
  const passes = random.uniform() < PASSING
  const passingFrom = 2 + Math.floor(10 * random.uniform())
  const bad = a.bad === 1
  return {
    quality: -(a.relativeRisk - RISK_MEAN) / RISK_SPREAD,
    ...(bad ? { defaultMonth } : {}),
    distress: (month) => {
      const left = defaultMonth - month
      const ramp = bad && !silent && left <= rampMonths ? Math.min(1, (rampMonths - left + 1) / rampMonths) : 0
      const passing = !bad && passes && month >= passingFrom && month < passingFrom + PASSING_MONTHS
      return DEEPEST * Math.max(ramp, passing ? PASSING_DEPTH : 0)
    },
  }
}
