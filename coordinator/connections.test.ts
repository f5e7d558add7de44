// Which connections a sweep ends: those that a change of trust left open, not those whose first call is being refused by name.
import { EventEmitter } from 'node:events'
import type { ServerHttp2Session } from 'node:http2'
import { TLSSocket } from 'node:tls'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ANSWER_MS, Connections } from './grpc-server.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** A connection with a certificate, or without one. */
function session(certificate: boolean) {
  const peer = { getPeerCertificate: () => (certificate ? { raw: Buffer.from('certificate') } : {}) }
  const socket: unknown = Object.assign(Object.create(TLSSocket.prototype) as object, peer)
  const destroy = vi.fn()
  return { destroy, session: Object.assign(new EventEmitter(), { socket, destroy }) as unknown as ServerHttp2Session }
}

const refuse = () => Promise.reject(new Error('revoked'))

test('a connection is ended if it is older than a change of trust before this sweep, and younger ones at a later one', async () => {
  const connections = new Connections()
  const [old, young] = [session(true), session(true)]
  connections.opened(old.session)
  vi.advanceTimersByTime(1)
  connections.opened(young.session)
  vi.advanceTimersByTime(ANSWER_MS - 1)
  expect(await connections.sweep(refuse)).toHaveLength(1)
  expect([old.destroy, young.destroy].map((destroy) => destroy.mock.calls.length)).toEqual([1, 0])
  old.session.emit('close')
  vi.advanceTimersByTime(1)
  expect(await connections.sweep(refuse)).toHaveLength(1)
  expect(young.destroy).toHaveBeenCalledOnce()
})

test('who still counts stays, and without a certificate a minute', async () => {
  const connections = new Connections()
  const [counts, anonymous] = [session(true), session(false)]
  connections.opened(counts.session)
  connections.opened(anonymous.session)
  vi.advanceTimersByTime(60_000)
  expect(await connections.sweep(() => Promise.resolve())).toEqual([])
  expect(anonymous.destroy).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(await connections.sweep(() => Promise.resolve())).toEqual([])
  expect([counts.destroy, anonymous.destroy].map((destroy) => destroy.mock.calls.length)).toEqual([0, 1])
})
