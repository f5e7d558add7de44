// What the pages import besides TypeScript: style sheets, for their effect only.
declare module '*.css'
