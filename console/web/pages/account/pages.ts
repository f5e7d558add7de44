// The pages and cards of the area "account".
import type { Card, Page } from '../../page.ts'

export const accountPages: readonly Page[] = []

export const accountCards: readonly Card[] = []
