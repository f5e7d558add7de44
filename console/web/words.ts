// Words in two languages: tables beside the pages, one switch for all, kept in this browser.
import { useSyncExternalStore } from 'react'
import type { Bilingual, Language } from '#runtime/bilingual.ts'

/** [English, 中文] by key. `{n}` is a place for a value; `{n|row|rows}` is the word that fits that number. */
export type Dictionary = Readonly<Record<string, readonly [en: string, zh: string]>>
export type Values = Readonly<Record<string, string | number>>
/** Gives the words of a key in the language of the reader. */
export type Told<D extends Dictionary> = (key: keyof D & string, values?: Values) => string

/** Keeps the exact keys of a table of words. */
export function dictionary<const D extends Dictionary>(words: D): D {
  return words
}

const KEPT_UNDER = 'tributary.language'
const listeners = new Set<() => void>()
let language: Language = kept() ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en')

function kept(): Language | undefined {
  const value = localStorage.getItem(KEPT_UNDER)
  return value === 'en' || value === 'zh' ? value : undefined
}

/** BCP 47, for Intl and the widgets. */
export const LOCALES: Readonly<Record<Language, string>> = { en: 'en-US', zh: 'zh-CN' }

export const currentLanguage = (): Language => language

export function chooseLanguage(chosen: Language): void {
  language = chosen
  localStorage.setItem(KEPT_UNDER, chosen)
  document.documentElement.lang = LOCALES[chosen]
  for (const tell of listeners) tell()
}

export function useLanguage(): Language {
  return useSyncExternalStore((tell) => {
    listeners.add(tell)
    return () => listeners.delete(tell)
  }, currentLanguage)
}

/** `t('rows', { n: 3 })` in the language of the reader; the component is drawn again when it changes. */
export function useWords<D extends Dictionary>(words: D): Told<D> {
  const reader = useLanguage()
  return (key, values) => told(words, key, reader, values)
}

/** For what the server says in both languages. */
export function useSaid(): (said: Bilingual) => string {
  const reader = useLanguage()
  return (said) => said[reader]
}

/** The words of a key in a language. */
export function told(words: Dictionary, key: string, reader: Language, values: Values = {}): string {
  const text = words[key]?.[reader === 'en' ? 0 : 1] ?? key
  return text.replace(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_, name: string, one?: string, many?: string) => {
    const value = values[name]
    if (one !== undefined) return value === 1 ? one : (many ?? '')
    return typeof value === 'number' ? value.toLocaleString(LOCALES[reader]) : (value ?? '')
  })
}
