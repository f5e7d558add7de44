// Where the pages begin: language, theme and what the address asks for are settled before anything is drawn.
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { readReturn } from './pages/account/provider-trip.ts'
import { takeArrival } from './shell/arrival.ts'
import { chooseTheme, currentTheme } from './theme.ts'
import { chooseLanguage, currentLanguage } from './words.ts'

readReturn()
const arrival = takeArrival()
chooseTheme(currentTheme())
chooseLanguage(arrival?.language ?? currentLanguage())

const place = document.getElementById('console')
if (place === null) throw new Error('the page has no place for the console')
// such an address may also be opened in a window that is already here
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#enter?')) location.reload()
})
createRoot(place).render(<App arrival={arrival} />)
