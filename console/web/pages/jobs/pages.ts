// The pages and cards of the area "jobs".
import type { Card, Page } from '../../page.ts'

export const jobsPages: readonly Page[] = []

export const jobsCards: readonly Card[] = []
