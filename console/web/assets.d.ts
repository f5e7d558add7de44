// What the pages import besides TypeScript: style sheets, for their effect only, and where a file or worker is.
declare module '*.css'
declare module '*?url' {
  const url: string
  export default url
}
declare module '*?worker&url' {
  const url: string
  export default url
}
