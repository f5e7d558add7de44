// The first page: what waits for this person and what was last, as cards of the areas.
import { lazy, Suspense, type ComponentType } from 'react'
import { Page, Section } from '../components/layout.tsx'
import { Empty, Loading } from '../components/state.tsx'
import { type Card, isFor } from '../page.ts'
import { CARDS } from '../pages.ts'
import { patient } from '../reach.ts'
import { dictionary, useSaid, useWords } from '../words.ts'
import { Boundary } from './boundary.tsx'
import { TourCard } from './tour-card.tsx'
import { useVisitor } from './visitor.ts'

const words = dictionary({
  title: ['Overview', '总览'],
  none: ['Nothing waits for you here.', '此处没有待办事项。'],
  steward: [
    'You decide, with the compliance officer, which of your data takes part in what. Nothing starts without both of you.',
    '您与合规官共同决定哪些数据参与何种作业。未经双方同意，任何作业都不会开始。',
  ],
  compliance: [
    'You decide with the data steward, and you verify: the record of each run proves what left and what was learned.',
    '您与数据管理员共同审批，并负责核验：每次运行的记录可证明流出了什么、获知了什么。',
  ],
  modeler: [
    'You bring institutions to one model: from a template to the joint scorecard, and not one row leaves its owner.',
    '您把多家机构汇成一个模型：从模板到联合评分卡，任何一行数据都不离开其所有者。',
  ],
  logs: [
    'You look after the round logs of the federation: who cosigned what, and who looked at what here. What a party decided or learned is at its own agent.',
    '您负责监督联邦的轮次日志：谁联署了什么，谁查阅了什么。各方的决定与所得均在其自己的代理上。',
  ],
  operator: [
    'You keep it running: connections, certificates, versions, space. You see no results and no data.',
    '您负责系统运行：连接、证书、版本、空间。您看不到结果和数据。',
  ],
  auditor: [
    'You read the record and verify it with your own machine. You change nothing.',
    '您阅读记录，并在自己的机器上核验。您不做任何更改。',
  ],
})

const COMPONENTS: ReadonlyMap<Card, ComponentType> = new Map(CARDS.map((card) => [card, lazy(patient(card.load))]))

export function Home() {
  const t = useWords(words)
  const said = useSaid()
  const { about, role } = useVisitor()
  const cards = CARDS.filter((card) => isFor(card, about.kind, role))
  return (
    <Page title={t('title')} lead={t(about.kind === 'coordinator' && role !== 'operator' ? 'logs' : role)}>
      <TourCard />
      {cards.length === 0 ? <Empty title={t('none')} /> : null}
      <div className="cards">
        {cards.map((card) => {
          const Content = COMPONENTS.get(card)!
          return (
            <Section key={card.name} title={said(card.title)} tour={card.name}>
              <Boundary>
                <Suspense fallback={<Loading />}>
                  <Content />
                </Suspense>
              </Boundary>
            </Section>
          )
        })}
      </div>
    </Page>
  )
}
