import { expect, test } from 'vitest'
import { displayWidth, formatBytes, formatMeasure, formatSeconds, formatTable } from './format.ts'

test('Chinese characters take two columns, colours none', () => {
  expect(displayWidth('轮次 3')).toBe(6)
  expect(displayWidth('\u001b[31mred\u001b[39m')).toBe(3)
  expect(
    formatTable(
      [
        ['银行', 'a'],
        ['tax', 'bcd'],
      ],
      [1],
    ),
  ).toEqual(['银行    a', 'tax   bcd'])
})

test('bytes, times and measures read as people write them', () => {
  expect([0, 1023, 1536, 5 * 2 ** 30].map(formatBytes)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB'])
  expect([0, 75, 3675].map(formatSeconds)).toEqual(['0:00', '1:15', '1:01:15'])
  expect(formatMeasure({ value: 0.72878, low: 0.71394, high: 0.74371 })).toBe('.7288 [.7139, .7437]')
})
