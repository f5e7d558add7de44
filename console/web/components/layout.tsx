// The frame of a page's content: page with its heading, sections, facts as a definition list, tabs.
import { useEffect, useRef, type ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs as TabsWidget } from 'react-aria-components/Tabs'

interface PageProps {
  readonly title: string
  /** one sentence below the heading, when the page is not plain from its title */
  readonly lead?: ReactNode
  /** buttons to the right of the heading */
  readonly actions?: ReactNode
  /** a way back: path and words */
  readonly back?: { readonly to: string; readonly title: string }
  readonly children: ReactNode
}

/** The whole of a page: the only h1. Sets the title of the window; a reader by keyboard begins at the heading. */
export function Page({ title, lead, actions, back, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // only when nothing has the focus: what was pressed to come here is gone, or was in the menu
    const { activeElement } = document
    const isFree = activeElement === null || activeElement === document.body || activeElement.closest('nav') !== null
    if (!isFree) return
    heading.current?.focus({ preventScroll: true })
    scrollTo({ top: 0 })
  }, [])
  useEffect(() => {
    document.title = `${title} · Tributary`
  }, [title])
  return (
    <div className="page">
      <header className="page-head" data-tour="heading">
        <div>
          {back === undefined ? null : (
            <a className="link page-back" href={`#${back.to}`}>
              <span aria-hidden="true">← </span>
              {back.title}
            </a>
          )}
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead === undefined ? null : <p className="lead">{lead}</p>}
        </div>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </header>
      {children}
    </div>
  )
}

interface SectionProps {
  readonly title: string
  /** what a tour points at: data-tour */
  readonly tour?: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A part of a page under an h2. */
export function Section({ title, tour, lead, actions, children }: SectionProps) {
  return (
    <section className="section" data-tour={tour}>
      <header className="section-head">
        <h2>{title}</h2>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </header>
      {lead === undefined ? null : <p className="lead">{lead}</p>}
      {children}
    </section>
  )
}

/** Sections side by side where there is room for two or three. */
export function Columns({ children }: { readonly children: ReactNode }) {
  return <div className="columns">{children}</div>
}

/** Names and values; a value that is undefined is left out. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {of
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => (
          <div className="fact" key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

interface TabsProps {
  /** what the tabs are about, for those who do not see them */
  readonly label: string
  readonly tabs: readonly { readonly id: string; readonly title: string; readonly body: () => ReactNode }[]
  readonly selected?: string
  readonly onSelect?: (id: string) => void
}

/** Only the body of the open tab is drawn. */
export function Tabs({ label, tabs, selected, onSelect }: TabsProps) {
  return (
    <TabsWidget
      className="tabs"
      {...(selected === undefined ? {} : { selectedKey: selected })}
      {...(onSelect === undefined ? {} : { onSelectionChange: (id) => onSelect(String(id)) })}
    >
      <TabList className="tab-list" aria-label={label}>
        {tabs.map(({ id, title }) => (
          <Tab className="tab" key={id} id={id}>
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, body }) => (
        <TabPanel className="tab-panel" key={id} id={id}>
          {body()}
        </TabPanel>
      ))}
    </TabsWidget>
  )
}
