// Light, dark, or as the system says; kept in this browser. The colours themselves are in styles/tokens.css.
import { useSyncExternalStore } from 'react'

export const THEMES = ['light', 'dark', 'system'] as const
export type Theme = (typeof THEMES)[number]

const KEPT_UNDER = 'tributary.theme'
const listeners = new Set<() => void>()
const system = matchMedia('(prefers-color-scheme: dark)')
let theme: Theme = THEMES.find((one) => one === localStorage.getItem(KEPT_UNDER)) ?? 'system'

export function chooseTheme(chosen: Theme): void {
  theme = chosen
  localStorage.setItem(KEPT_UNDER, chosen)
  document.documentElement.dataset['theme'] = chosen
  for (const tell of listeners) tell()
}

function subscribe(tell: () => void): () => void {
  listeners.add(tell)
  system.addEventListener('change', tell)
  return () => {
    listeners.delete(tell)
    system.removeEventListener('change', tell)
  }
}

export const currentTheme = (): Theme => theme

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme)
}

/** What is to be seen: drawings on a canvas are drawn again when it changes. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => theme === 'dark' || (theme === 'system' && system.matches))
}
