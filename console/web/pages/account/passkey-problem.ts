// What a browser or an authenticator refused, in the words of the console.
import { ConsoleProblem } from '#console/sdk/client.ts'
import type { Bilingual } from '#runtime/bilingual.ts'

const CODE = 'console.passkey'
const GIVEN_UP: readonly [Bilingual, Bilingual] = [
  { en: 'the passkey was not used: the question was closed, or time ran out', zh: '未使用通行密钥：已取消或超时' },
  { en: 'try again; the passphrase works too', zh: '请重试，也可使用口令登录' },
]
const BY_NAME: Readonly<Record<string, readonly [summary: Bilingual, mend: Bilingual]>> = {
  NotAllowedError: GIVEN_UP,
  AbortError: GIVEN_UP,
  InvalidStateError: [
    { en: 'this device has a passkey of yours for this console already', zh: '该设备上已有您用于本控制台的通行密钥' },
    { en: 'use it to sign in, or take another device', zh: '请直接用它登录，或换用其他设备' },
  ],
  SecurityError: [
    { en: 'the browser allows no passkeys at this address', zh: '浏览器不允许在此地址使用通行密钥' },
    { en: 'open the console under a name, with https or on this machine', zh: '请通过 https 或在本机以名称打开控制台' },
  ],
}
const OTHERWISE: readonly [Bilingual, Bilingual] = [
  { en: 'the passkey could not be used', zh: '无法使用通行密钥' },
  { en: 'try again, or take another device', zh: '请重试或换用其他设备' },
]

/** A problem of the server as it is; what else was thrown in the words above. */
export function passkeyProblem(error: unknown): unknown {
  if (error instanceof ConsoleProblem || !(error instanceof Error) || error.name === 'ConsoleUnreachable') return error
  const cause = error.cause instanceof Error ? error.cause.name : error.name
  const [summary, mend] = BY_NAME[cause] ?? BY_NAME[error.name] ?? OTHERWISE
  const problem = { type: `urn:tributary:error:${CODE}`, status: 400, title: summary.en, code: CODE }
  return new ConsoleProblem({ ...problem, who: 'data partner', summary, mend, detail: {} })
}
