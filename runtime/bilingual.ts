// What people read is said in English and in Chinese.

export type Language = 'en' | 'zh'
export type Bilingual = Readonly<Record<Language, string>>
