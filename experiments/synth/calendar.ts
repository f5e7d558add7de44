// Months and days of the federation: month 0 is January 2022, months before it are negative.
import type { RandomStream } from './stream.ts'

const FIRST_YEAR = 2022

/** YYYY-MM */
export function monthText(month: number): string {
  const year = FIRST_YEAR + Math.floor(month / 12)
  const inYear = month - 12 * Math.floor(month / 12)
  return `${year}-${String(inYear + 1).padStart(2, '0')}`
}

/** YYYY-MM-DD. @param day from 1 */
export function dateText(month: number, day: number): string {
  return `${monthText(month)}-${String(day).padStart(2, '0')}`
}

export function daysOf(month: number): number {
  return new Date(Date.UTC(FIRST_YEAR, month + 1, 0)).getUTCDate()
}

/** The last day of a month. */
export function monthEnd(month: number): string {
  return dateText(month, daysOf(month))
}

/** A day of the month, from 1. */
export function drawDay(month: number, random: RandomStream): number {
  return 1 + Math.floor(random.uniform() * daysOf(month))
}

/** The date so many days after (or before) another one. */
export function addDays(date: string, days: number): string {
  const [year, month, day] = [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))]
  const inMonth = day + days
  if (inMonth >= 1 && inMonth <= 28) return date.slice(0, 8) + String(inMonth).padStart(2, '0')
  return new Date(Date.UTC(year, month - 1, inMonth)).toISOString().slice(0, 10)
}
