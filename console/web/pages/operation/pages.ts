// The pages and cards of the area "operation".
import type { Card, Page } from '../../page.ts'

export const operationPages: readonly Page[] = []

export const operationCards: readonly Card[] = []
