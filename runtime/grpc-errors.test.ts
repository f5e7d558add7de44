import { Metadata, status } from '@grpc/grpc-js'
import { expect, test } from 'vitest'
import { ERROR_CODES } from './error-catalogue.ts'
import { type ErrorCode, PlatformError } from './errors.ts'
import { fromServiceError, toServiceError } from './grpc-errors.ts'

test('every code of the catalogue crosses gRPC with its detail', () => {
  for (const code of Object.keys(ERROR_CODES) as ErrorCode[]) {
    const error = new PlatformError(code, { party: 'tax', rows: 7, columns: ['增值税', 'b'] })
    const back = fromServiceError(toServiceError(error))
    expect(back.code).toBe(code)
    expect(back.detail).toEqual(error.detail)
  }
})

test('neither stack nor cause nor an unexpected message crosses', () => {
  const { metadata, details, code } = toServiceError(new Error('row 17: Zhang San'))
  const wire = JSON.stringify([metadata.getMap(), details])
  expect(code).toBe(status.INTERNAL)
  expect(wire).not.toMatch(/Zhang|\.ts:/)
})

test('a connection that failed is transport.unavailable, and anything else unexpected', () => {
  const metadata = new Metadata()
  expect(fromServiceError({ code: status.UNAVAILABLE, details: 'refused', metadata }).code).toBe(
    'transport.unavailable',
  )
  expect(fromServiceError({ code: status.RESOURCE_EXHAUSTED, metadata }).code).toBe('transport.too-large')
  expect(fromServiceError(new Error('x')).code).toBe('internal.unexpected')
})

test('a code that is not in the catalogue is not believed, and a broken detail does not hide its code', () => {
  const metadata = new Metadata()
  metadata.set('tributary-code', 'made.up')
  expect(fromServiceError({ code: status.INTERNAL, metadata }).code).toBe('internal.unexpected')
  metadata.set('tributary-code', 'psi.too-small')
  metadata.set('tributary-detail', '{')
  expect(fromServiceError({ code: status.INTERNAL, metadata })).toMatchObject({ code: 'psi.too-small', detail: {} })
})
