// In what one approval differs from another, member by member: what a person who knows the other has yet to read.
import type { Approval } from '#protocols/core/approval.ts'

export interface Difference {
  /** path in the document, such as floors.minBinRows */
  readonly field: string
  /** as text; empty where there was none */
  readonly before: string
  readonly after: string
}

/** Every document has its own. */
const ITS_OWN: readonly string[] = ['id', 'validFrom', 'validTo']
const DAY_MS = 86_400_000

/** How long it holds counts, and not from which day on. */
export function differencesOf(before: Approval, after: Approval): Difference[] {
  const [a, b] = [fieldsOf(before), fieldsOf(after)]
  const fields = [...new Set([...a.keys(), ...b.keys()])]
  return fields.flatMap((field) => {
    const [was, is] = [a.get(field) ?? '', b.get(field) ?? '']
    return was === is ? [] : [{ field, before: was, after: is }]
  })
}

function fieldsOf(document: Approval): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  const add = (field: string, value: unknown): void => {
    if (Array.isArray(value)) {
      const names = value.map((item) => (typeof item === 'string' ? item : protocolWord(item)))
      fields.set(field, names.toSorted().join(', '))
    } else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries(value)) add(`${field}.${key}`, member)
    else fields.set(field, String(value))
  }
  for (const [field, value] of Object.entries(document)) if (!ITS_OWN.includes(field)) add(field, value)
  const days = (Date.parse(document.validTo) - Date.parse(document.validFrom)) / DAY_MS
  fields.set('validDays', String(Math.round(days)))
  return fields
}

function protocolWord({ name, version, card }: Approval['protocols'][number]): string {
  return `${name} ${version} (${card.slice(0, 12)})`
}
