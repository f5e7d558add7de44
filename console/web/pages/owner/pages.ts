// The pages and cards of the area "owner".
import type { Card, Page } from '../../page.ts'

export const ownerPages: readonly Page[] = []

export const ownerCards: readonly Card[] = []
