// Codes of groups: hosts with the same columns of different enterprises.
import type { ErrorEntry } from './entry.ts'

export const GROUP_CODES = {
  'group.too-few-members': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'modeler',
    summary: 'a group of hosts has fewer than three different members: each could work out the numbers of the other',
    mend: 'name at least three members in `groups`, each once',
  },
  'group.other-sum': {
    grpc: 'FAILED_PRECONDITION',
    retry: 'never',
    who: 'developer',
    summary: 'members of a group add up different things, or do not share the same keys',
    mend: 'report it: members that agreed on their terms agree on every sum',
  },
} as const satisfies Record<string, ErrorEntry>
