// The who-learns-what card of a protocol: made from its schedules, shown before an approval and hashed into it.
// The object is JSON without fractions, so that its canonical form is one sequence of bytes everywhere.
import type { Bilingual, Language } from '#runtime/bilingual.ts'
import type { MessageKind, Release, Schedule } from './schedule.ts'

export interface CardMessage {
  /** which part of the protocol, such as TRAINING */
  readonly schedule: string
  readonly step: string
  readonly from: string
  readonly to: string
  readonly class: MessageKind
  /** one message, or parts of one */
  readonly arity: 'one' | 'parts'
  /** what the receiver learns from it */
  readonly reveals: Bilingual
  /** of a released aggregate: rows behind each number at least, and its significant digits; 0 for whole numbers */
  readonly release?: { readonly minimumRows: number; readonly digits: number }
}

/** What one role, or everybody, knows when the protocol is over. */
export interface CardStatement {
  readonly who: Bilingual
  readonly knows: Bilingual
}

export interface Card {
  readonly v: 1
  readonly protocol: string
  readonly version: string
  readonly title: Bilingual
  readonly messages: readonly CardMessage[]
  readonly atTheEnd: readonly CardStatement[]
}

export type Schedules = Readonly<Record<string, Schedule>>
/** Names of all steps of all schedules of a protocol. */
export type StepNames<S extends Schedules> = S[keyof S][number]['name']

export interface CardFacts<S extends Schedules> {
  readonly protocol: string
  readonly version: number
  readonly title: Bilingual
  /** in the order in which they are run, under the names that messages.ts gives them */
  readonly schedules: S
  /** the twin of `reveals`, for each step */
  readonly chinese: Readonly<Record<StepNames<S>, string>>
  readonly atTheEnd: readonly CardStatement[]
}

/** The card of a protocol: one line for each step of its schedules, in wire order. */
export function makeCard<const S extends Schedules>(facts: CardFacts<S>): Card {
  const chinese: Readonly<Record<string, string>> = facts.chinese
  const messages = Object.entries<Schedule>(facts.schedules).flatMap(([schedule, steps]) =>
    steps.map(({ name, from, to, kind, arity, reveals, release }) => ({
      schedule,
      step: name,
      from,
      to,
      class: kind,
      arity,
      reveals: { en: reveals, zh: chinese[name] ?? '' },
      ...(release === undefined ? {} : { release: releaseOf(release) }),
    })),
  )
  const { protocol, version, title, atTheEnd } = facts
  return Object.freeze({ v: 1, protocol, version: String(version), title, messages, atTheEnd })
}

function releaseOf({ minimumRows, digits = 0 }: Release): NonNullable<CardMessage['release']> {
  return { minimumRows, digits }
}

/**
 * Where a card and the schedules of its protocol disagree, message by message: a step without its line, a line without
 * its step, another direction, class or sentence, a sentence missing in one language.
 * @param schedules all schedules that messages.ts exports
 * @returns one line for each disagreement; empty when they agree
 */
export function cardDifferences(card: Card, schedules: Schedules): string[] {
  const found: string[] = []
  const lines = new Map(card.messages.map((message) => [`${message.schedule}/${message.step}`, message]))
  if (lines.size !== card.messages.length) found.push('a step stands on the card twice')
  for (const [schedule, steps] of Object.entries(schedules)) {
    for (const { name, from, to, kind, arity, reveals, release } of steps) {
      const at = `${schedule}/${name}`
      const line = lines.get(at)
      lines.delete(at)
      if (line === undefined) {
        found.push(`${at}: a step of the schedule that is not on the card`)
        continue
      }
      const bounds = release === undefined ? undefined : releaseOf(release)
      const inSchedule = { from, to, class: kind, arity, sentence: reveals, ...boundsOf(bounds) }
      const { from: sender, to: receiver, class: kindOnCard, arity: arityOnCard } = line
      const onCard = {
        from: sender,
        to: receiver,
        class: kindOnCard,
        arity: arityOnCard,
        sentence: line.reveals.en,
        ...boundsOf(line.release),
      }
      for (const key of ['from', 'to', 'class', 'arity', 'sentence', 'rows', 'digits'] as const)
        if (inSchedule[key] !== onCard[key])
          found.push(`${at}: ${key} is "${inSchedule[key]}" in the schedule and "${onCard[key]}" on the card`)
      if (!/\p{Script=Han}/u.test(line.reveals.zh)) found.push(`${at}: no sentence in Chinese`)
    }
  }
  for (const at of lines.keys()) found.push(`${at}: on the card, and no step of the schedule`)
  return found
}

function boundsOf(release: CardMessage['release']) {
  return { rows: release?.minimumRows ?? 0, digits: release?.digits ?? 0 }
}

/** The schedules among what a messages.ts exports. */
export function schedulesOf(exports: Readonly<Record<string, unknown>>): Schedules {
  return Object.fromEntries(Object.entries(exports).filter(([, value]) => Array.isArray(value))) as Schedules
}

const WORDS = {
  en: {
    title: 'Who learns what',
    version: 'version',
    table: ['step', 'from → to', 'class', 'the receiver learns'],
    parts: ', parts',
    behind: (rows: number) => `from at least ${rows} rows`,
    digits: (digits: number) => `at most ${digits} significant digits`,
    messages: 'Messages',
    end: 'At the end',
  },
  zh: {
    title: '各方能知道什么',
    version: '版本',
    table: ['步骤', '发送方 → 接收方', '类别', '接收方能知道什么'],
    parts: '，分片',
    behind: (rows: number) => `至少由 ${rows} 行得出`,
    digits: (digits: number) => `至多 ${digits} 位有效数字`,
    messages: '消息',
    end: '结束时',
  },
} as const
const CLASSES_ZH: Readonly<Record<MessageKind, string>> = {
  ciphertext: '密文',
  'masked-share': '掩码分片',
  'psi-points': '求交点',
  'public-key': '公钥',
  'released-aggregate': '公布的汇总数',
  'split-sides': '分裂方向',
  control: '控制',
}
const ROLES_ZH: Readonly<Record<string, string>> = {
  guest: '发起方',
  host: '数据方',
  pivot: '首家数据方',
  dealer: '其余数据方',
  'earlier-host': '靠前的数据方',
  'later-host': '靠后的数据方',
  'lone-host': '唯一的数据方',
  party: '各参与方',
  adder: '协调方（求和）',
  opener: '本轮开启方',
  member: '同组成员',
}

/** A class of messages as people read it. */
export function classWords(kind: MessageKind): Bilingual {
  return { en: kind, zh: CLASSES_ZH[kind] }
}

/** A sender or receiver of a card as people read it. */
export function roleWords(role: string): Bilingual {
  return { en: role, zh: ROLES_ZH[role] ?? role }
}

/** The card for people, as Markdown. */
export function cardText(card: Card, language: Language): string {
  const words = WORDS[language]
  const zh = language === 'zh'
  const role = (name: string) => roleWords(name)[language]
  const rows = card.messages.map((message) => {
    const kind = `${classWords(message.class)[language]}${message.arity === 'parts' ? words.parts : ''}`
    const { minimumRows = 0, digits = 0 } = message.release ?? {}
    const bounds = [
      ...(minimumRows === 0 ? [] : [words.behind(minimumRows)]),
      ...(digits === 0 ? [] : [words.digits(digits)]),
    ]
    const learns = [message.reveals[language], ...bounds].join(zh ? '；' : '; ')
    return [`\`${message.step}\``, `${role(message.from)} → ${role(message.to)}`, kind, learns]
  })
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const statements = card.atTheEnd.map(({ who, knows }) => `- **${who[language]}** ${knows[language]}`)
  return [
    `# ${words.title}${zh ? '：' : ': '}${card.title[language]}`,
    '',
    `\`${card.protocol}\` ${words.version} ${card.version}`,
    '',
    `## ${words.messages}`,
    '',
    line(words.table),
    line(words.table.map(() => '---')),
    ...rows.map(line),
    '',
    `## ${words.end}`,
    '',
    ...statements,
    '',
  ].join('\n')
}
