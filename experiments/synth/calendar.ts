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
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000 * days).toISOString().slice(0, 10)
}
