// What the pages of a dossier have in common: the two languages, names of classes and roles, sections, numbers.
import { type Content, html, type Markup } from '#runtime/markup.ts'
import type { FlowFact } from './evidence.ts'

export const CLASSES: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  ciphertext: ['ciphertext', '密文'],
  'masked-share': ['masked share', '掩码分片'],
  'psi-points': ['PSI points', '求交点'],
  'public-key': ['public key', '公钥'],
  'released-aggregate': ['released aggregate', '放行的汇总数'],
  'split-sides': ['sides of a split', '分裂方向'],
  control: ['control', '控制'],
}
/** Texts of one language. */
export class Words {
  readonly language: 'en' | 'zh'

  constructor(language: 'en' | 'zh') {
    this.language = language
  }

  t(en: string, zh: string): string {
    return this.language === 'zh' ? zh : en
  }

  get none(): string {
    return this.t('none', '无')
  }

  section(en: string, zh: string, ...content: readonly Content[]): Markup {
    return html`<h2>${this.t(en, zh)}</h2>\n${content}\n`
  }

  state(state: string): string {
    const names: Readonly<Record<string, string>> = { succeeded: '成功', failed: '失败', cancelled: '取消' }
    return this.t(state, names[state] ?? state)
  }

  role(role: string): string {
    const names: Readonly<Record<string, string>> = { steward: '数据管理员', compliance: '合规官' }
    return this.t(role, names[role] ?? role)
  }

  /** Of a threshold. */
  check(name: string): string {
    return name === 'passed' ? this.t('passed', '通过') : this.t('refused', '拒绝')
  }

  className(name: string): string {
    const [en, zh] = CLASSES[name] ?? [name, name]
    return this.t(en, zh)
  }

  openers({ class: name, decryptableBy, to }: FlowFact): string {
    // a mask is lifted only by all of these together
    if (name === 'masked-share' && decryptableBy.length > 1)
      return this.t(`${decryptableBy.join(' + ')} together`, `${decryptableBy.join(' + ')} 合力`)
    if (decryptableBy.length > 0) return decryptableBy.join(', ')
    return name === 'released-aggregate' || name === 'split-sides'
      ? this.t(`${to} (plain)`, `${to}（明文）`)
      : this.t('nobody, as recorded', '记录为无人可打开')
  }
}

export function count(value: number): string {
  return value.toLocaleString('en')
}

/** 2026-01-05 08:00:00, in UTC. */
export function moment(time: string): string {
  return time.slice(0, 19).replace('T', ' ')
}
