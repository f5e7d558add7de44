// What a job was asked to do as a flat list of settings, and what of it differs between jobs.

export interface Setting {
  /** such as `train.rounds` or `hosts.tax.dataset` */
  readonly setting: string
  readonly value: string
}

/** The name of a job, the form of its file, and the number that makes each submission another one, are no settings. */
const LEFT_OUT: ReadonlySet<string> = new Set(['version', 'name', 'nonce'])
const MOST_LETTERS = 400

/** @param section a job specification, or sections of one */
export function settingsOf(section: object): Setting[] {
  return Object.entries(section).flatMap(([name, value]) => (LEFT_OUT.has(name) ? [] : flattened(name, value)))
}

function flattened(setting: string, value: unknown): Setting[] {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object') return [{ setting, value: brief(String(value)) }]
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    const named = items.map((item, i) => [nameOf(item) ?? String(i + 1), item] as const)
    return items.every((item) => typeof item !== 'object')
      ? [{ setting, value: brief(items.map(String).join(', ')) }]
      : named.flatMap(([name, item]) => flattened(`${setting}.${name}`, item))
  }
  const members = Object.entries(value)
  return members.length === 0
    ? [{ setting, value: '✓' }]
    : members.flatMap(([name, member]) => flattened(`${setting}.${name}`, member))
}

/** Parties and groups are listed by what they are called, so that another order is no difference. */
function nameOf(item: unknown): string | undefined {
  if (typeof item !== 'object' || item === null) return undefined
  const { party, name } = item as { readonly party?: unknown; readonly name?: unknown }
  const found = party ?? name
  return typeof found === 'string' ? found : undefined
}

function brief(text: string): string {
  return text.length <= MOST_LETTERS ? text : `${text.slice(0, MOST_LETTERS)} …`
}

export interface SettingDifference {
  readonly setting: string
  /** one for each job; empty where it has no such setting */
  readonly values: readonly string[]
}

/** Settings that are not the same in all, in the order in which they first occur. */
export function differentSettings(sections: readonly object[]): SettingDifference[] {
  const maps = sections.map((section) => new Map(settingsOf(section).map(({ setting, value }) => [setting, value])))
  const names = [...new Set(maps.flatMap((settings) => [...settings.keys()]))]
  return names
    .map((setting) => ({ setting, values: maps.map((settings) => settings.get(setting) ?? '') }))
    .filter(({ values }) => new Set(values).size > 1)
}
