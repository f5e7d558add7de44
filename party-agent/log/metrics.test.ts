import { expect, test } from 'vitest'
import { metricsIn } from './metrics.ts'

const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value))
const measure = (value: number) => ({ value, low: 0, high: 1 })

test('the joint measures and the last loss, as decimals; nothing of what the guest has alone', () => {
  const result = {
    bankOnly: { auc: measure(0.61), ks: measure(0.2) },
    joint: { rows: 100, auc: measure(0.71239), ks: measure(0.3) },
    losses: [0.69, 0.512345],
  }
  expect(metricsIn(bytesOf(result))).toEqual([
    { name: 'joint auc', value: '0.7124' },
    { name: 'joint ks', value: '0.3000' },
    { name: 'training loss', value: '0.5123' },
  ])
})

test('of a number or a count: the joint error and order, and nothing of the guest alone', () => {
  const targets = {
    kind: 'count',
    bankOnly: { rmse: measure(1.9), gini: measure(0.1) },
    joint: { rmse: measure(1.23456), gini: measure(0.4) },
  }
  expect(metricsIn(bytesOf({ targets, losses: [2, 1.5] }))).toEqual([
    { name: 'joint rmse', value: '1.2346' },
    { name: 'joint gini', value: '0.4000' },
    { name: 'training loss', value: '1.5000' },
  ])
})

test('of a model that was averaged: what all parties were told of it, and nothing of one', () => {
  const federated = { rows: 300, bad: 40, auc: 0.71239, aucError: 0.01, ks: 0.3, loss: 0.41 }
  const own = { rows: 90, bad: 12, auc: 0.9, ks: 0.8, loss: 0.1 }
  expect(metricsIn(bytesOf({ protocol: 'fedavg', federated, own, alone: own, personal: own }))).toEqual([
    { name: 'joint auc', value: '0.7124' },
    { name: 'joint ks', value: '0.3000' },
    { name: 'hold-out loss', value: '0.4100' },
  ])
})

test('what is missing or no number is left out, and zero has no sign', () => {
  expect(metricsIn(undefined)).toEqual([])
  expect(metricsIn(bytesOf({ joint: { auc: measure(-0.000001), ks: { value: null } }, losses: [] }))).toEqual([
    { name: 'joint auc', value: '0.0000' },
  ])
  expect(() => metricsIn(Buffer.from('{'))).toThrowError(/^storage\.damaged/)
})
