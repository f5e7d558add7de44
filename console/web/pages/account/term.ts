// How long a signature over a passkey or an account holds, as the server decides it.
import { LINK_DAYS } from '#crypto/people/people.ts'

export const TERM = { days: LINK_DAYS } as const
/** before the end so many days are told */
export const SOON_DAYS = 14
