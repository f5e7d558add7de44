// The doctor at the console: the checks of `tributary doctor`, with the keys that the running agent opens.
import { type Health, healthCalls } from '#console/api/health.ts'
import { type Served, served } from '#console/server/calls.ts'
import { examine } from '../doctor/doctor.ts'
import { type DoctorReport, TITLES } from '../doctor/report.ts'
import type { AgentParts } from './parts.ts'

export function healthServed({ config, keys, now }: Pick<AgentParts, 'config' | 'keys' | 'now'>): Served {
  /** by whether data are read: a second visitor waits for the examination that is under way */
  const underWay = new Map<boolean, Promise<DoctorReport>>()
  return served(healthCalls, {
    async health({ body: { data } }): Promise<Health> {
      const running = underWay.get(data) ?? examine(config.file, { keys, data }).finally(() => underWay.delete(data))
      underWay.set(data, running)
      const { ok, checks } = await running
      return {
        ok,
        withData: data,
        at: now().toISOString(),
        checks: checks.map(({ check, subject, ok: isGreen, skipped, found, mend }) => ({
          check,
          title: titleOf(check, subject),
          state: skipped ? 'skipped' : isGreen ? 'green' : 'red',
          found: { ...found },
          ...(mend === undefined ? {} : { mend: { ...mend } }),
        })),
      }
    },
  })
}

function titleOf(check: keyof typeof TITLES, subject: string | undefined) {
  const { en, zh } = TITLES[check]
  const suffix = subject === undefined ? '' : ` ${subject}`
  return { en: `${en}${suffix}`, zh: `${zh}${suffix}` }
}
