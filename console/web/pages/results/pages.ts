// The pages and cards of the area "results".
import type { Card, Page } from '../../page.ts'

export const resultsPages: readonly Page[] = []

export const resultsCards: readonly Card[] = []
