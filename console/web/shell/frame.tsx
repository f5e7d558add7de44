// The frame around every page: who is signed in where, the menu of the role, and the page of the address.
import { lazy, Suspense, useEffect, useState, useSyncExternalStore, type ComponentType } from 'react'
import { Button as Pressed } from 'react-aria-components/Button'
import { Route, Switch, useLocation } from 'wouter'
import { ROLE_NAMES } from '#crypto/people/people.ts'
import { signOut } from '../client.ts'
import { Badge, Loading, OfflineBanner } from '../components/state.tsx'
import { isFor, type Page, placeOf } from '../page.ts'
import { PAGES } from '../pages.ts'
import { isReachable, onReachable, patient } from '../reach.ts'
import { dictionary, useSaid, useWords } from '../words.ts'
import { Boundary } from './boundary.tsx'
import { Home } from './home.tsx'
import { Menu } from './menu.tsx'
import { NotFound, NotForRole } from './not-found.tsx'
import { LanguageSwitch, ThemeSwitch } from './switches.tsx'
import { TourPanel } from './tour.tsx'
import { startTour } from './tour-place.ts'
import { TOURS, tourOf } from './tours.ts'
import { useVisitor } from './visitor.ts'

const words = dictionary({
  skip: ['Skip to the page', '跳到正文'],
  menu: ['Menu', '菜单'],
  demo: ['demonstration, synthetic data', '演示，合成数据'],
  coordinator: ['coordinator', '协调方'],
  tour: ['Tour', '导览'],
  signOut: ['Sign out', '退出登录'],
})

/** One component for each page, fetched when it is opened for the first time. */
const COMPONENTS: ReadonlyMap<Page, ComponentType> = new Map(PAGES.map((page) => [page, lazy(patient(page.load))]))

export function Frame({ firstTour }: { readonly firstTour: string | undefined }) {
  const t = useWords(words)
  const [isMenuOpen, setMenuOpen] = useState(false)
  const [path] = useLocation()
  const reachable = useSyncExternalStore(onReachable, isReachable)
  useEffect(() => {
    const tour = TOURS.find(({ id }) => id === firstTour)
    if (tour !== undefined) startTour(tour)
  }, [firstTour])
  return (
    <div className="frame">
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault()
          document.querySelector<HTMLElement>('main h1, main')?.focus()
        }}
      >
        {t('skip')}
      </a>
      <Head isMenuOpen={isMenuOpen} onMenu={() => setMenuOpen(!isMenuOpen)} />
      <div className="frame-body">
        <div className={isMenuOpen ? 'frame-menu frame-menu-open' : 'frame-menu'} id="menu">
          <Menu onFollow={() => setMenuOpen(false)} />
        </div>
        <main className="frame-main" id="main" tabIndex={-1}>
          {reachable ? null : <OfflineBanner />}
          <Boundary key={placeOf(PAGES, path)}>
            <Suspense fallback={<Loading />}>
              <Pages />
            </Suspense>
          </Boundary>
        </main>
      </div>
      <TourPanel />
    </div>
  )
}

interface HeadProps {
  readonly isMenuOpen: boolean
  readonly onMenu: () => void
}

function Head({ isMenuOpen, onMenu }: HeadProps) {
  const t = useWords(words)
  const said = useSaid()
  const { about, session, role } = useVisitor()
  const tour = tourOf(about.kind, role)
  return (
    <header className="frame-head">
      <Pressed
        className="button button-quiet menu-button"
        aria-expanded={isMenuOpen}
        aria-controls="menu"
        onPress={onMenu}
      >
        {t('menu')}
      </Pressed>
      <a className="brand" href="#/">
        Tributary
      </a>
      <span className="frame-where">
        <strong>{about.kind === 'agent' ? about.party : t('coordinator')}</strong>
        <span className="muted"> {about.federation}</span>
        {about.demo ? <Badge>{t('demo')}</Badge> : null}
      </span>
      <span className="frame-who">
        {session.person.name} <span className="muted">{said(ROLE_NAMES[role])}</span>
      </span>
      <span className="frame-tools">
        {tour === undefined ? null : (
          <Pressed className="button button-quiet" onPress={() => startTour(tour, { resume: true })}>
            {t('tour')}
          </Pressed>
        )}
        <LanguageSwitch />
        <ThemeSwitch />
        <Pressed className="button button-quiet" onPress={() => void signOut()}>
          {t('signOut')}
        </Pressed>
      </span>
    </header>
  )
}

function Pages() {
  const { about, role } = useVisitor()
  return (
    <Switch>
      <Route path="/" component={Home} />
      {PAGES.filter(({ kind }) => kind === 'both' || kind === about.kind).map((page) => (
        <Route
          key={page.path}
          path={page.path}
          component={isFor(page, about.kind, role) ? COMPONENTS.get(page)! : () => <NotForRole page={page} />}
        />
      ))}
      <Route component={NotFound} />
    </Switch>
  )
}
