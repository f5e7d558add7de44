// Words of the approval commands that are needed before anything heavy is loaded.
import type { CliContext } from './context.ts'

export const PERSON_ROLES = ['steward', 'compliance', 'modeler', 'operator', 'auditor'] as const
export const TEMPLATE_NAMES = ['alignment', 'statistics', 'credit-model', 'pilot', 'warning'] as const

const STATES_ZH: Readonly<Record<string, string>> = {
  proposed: '已提出',
  'signed-by-one': '一人已签',
  active: '有效',
  'used-up': '次数用尽',
  revoked: '已撤回',
  expired: '已到期',
  damaged: '已损坏',
  awaiting: '等待批准',
}

export function approvalStateWord({ t }: CliContext, state: string): string {
  return t(state, STATES_ZH[state] ?? state)
}
