// The menu: the pages of this role at this program, by part.
import { useLocation } from 'wouter'
import { isFor, MENU_PARTS, type Page } from '../page.ts'
import { PAGES } from '../pages.ts'
import { dictionary, useSaid, useWords } from '../words.ts'
import { useVisitor } from './visitor.ts'

const words = dictionary({
  label: ['Pages', '页面'],
  home: ['Overview', '总览'],
  work: ['Modelling', '建模'],
  decide: ['Data and approvals', '数据与审批'],
  record: ['Record and audit', '记录与审计'],
  operate: ['Operation', '运维'],
  self: ['Account', '账户'],
})

export function Menu({ onFollow }: { readonly onFollow: () => void }) {
  const t = useWords(words)
  const { about, role } = useVisitor()
  const mine = PAGES.filter((page) => page.menu !== undefined && isFor(page, about.kind, role))
  return (
    <nav aria-label={t('label')} className="menu">
      <ul>
        <Entry path="/" title={t('home')} onFollow={onFollow} />
      </ul>
      {MENU_PARTS.map((part) => {
        const pages = mine.filter(({ menu }) => menu === part)
        if (pages.length === 0) return null
        return (
          <div key={part}>
            <p className="menu-part" id={`menu-${part}`}>
              {t(part)}
            </p>
            <ul aria-labelledby={`menu-${part}`}>
              {pages.map((page) => (
                <PageEntry key={page.path} page={page} onFollow={onFollow} />
              ))}
            </ul>
          </div>
        )
      })}
    </nav>
  )
}

function PageEntry({ page, onFollow }: { readonly page: Page; readonly onFollow: () => void }) {
  const said = useSaid()
  return <Entry path={page.path} title={said(page.title)} onFollow={onFollow} />
}

function Entry({ path, title, onFollow }: { path: string; title: string; onFollow: () => void }) {
  const [now] = useLocation()
  const isHere = entryFor(now) === path
  return (
    <li>
      <a
        className="menu-entry"
        href={`#${path}`}
        data-tour={`menu ${path}`}
        aria-current={isHere ? 'page' : undefined}
        onClick={onFollow}
      >
        {title}
      </a>
    </li>
  )
}

/** The entry that a path belongs to: the longest that it begins with. */
function entryFor(now: string): string {
  const above = PAGES.filter(({ path, menu }) => menu !== undefined && (now === path || now.startsWith(`${path}/`)))
  return above.reduce((longest, { path }) => (path.length > longest.length ? path : longest), '/')
}
