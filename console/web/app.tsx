// The whole console: what holds for all pages around the one that is open.
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import { Router } from 'wouter'
import { useHashLocation } from 'wouter/use-hash-location'
import { answers } from './client.ts'
import type { Arrival } from './shell/arrival.ts'
import { Boundary } from './shell/boundary.tsx'
import { Entrance } from './shell/entrance.tsx'
import { LOCALES, useLanguage } from './words.ts'

export function App({ arrival }: { readonly arrival: Arrival | undefined }) {
  const language = useLanguage()
  return (
    <StrictMode>
      <I18nProvider locale={LOCALES[language]}>
        <QueryClientProvider client={answers}>
          <Router hook={useHashLocation}>
            <Boundary>
              <Entrance arrival={arrival} />
            </Boundary>
          </Router>
        </QueryClientProvider>
      </I18nProvider>
    </StrictMode>
  )
}
