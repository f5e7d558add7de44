// An address that brings somebody in, as the demonstration opens it:
// #enter?person=steward&passphrase=…&to=/jobs/7&tour=modeler&language=zh
// It is read once and taken out of the address bar and the history before anything is drawn or sent.
import type { Language } from '#runtime/bilingual.ts'

export interface Arrival {
  /** signed in with only where the server says that it is a demonstration */
  readonly person: string | undefined
  readonly passphrase: string | undefined
  /** a path of the console */
  readonly to: string
  readonly tour: string | undefined
  readonly language: Language | undefined
}

export function takeArrival(): Arrival | undefined {
  const asked = /^#enter\?(.*)$/.exec(location.hash)?.[1]
  if (asked === undefined) return undefined
  const values = new URLSearchParams(asked)
  const text = (name: string) => values.get(name) ?? undefined
  const to = text('to') ?? '/'
  const path = to.startsWith('/') ? to : '/'
  const language = text('language')
  history.replaceState(null, '', `${location.pathname}${location.search}#${path}`)
  return {
    person: text('person'),
    passphrase: text('passphrase'),
    to: path,
    tour: text('tour'),
    language: language === 'en' || language === 'zh' ? language : undefined,
  }
}
