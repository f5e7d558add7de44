// The document of an approval out of the bytes that are signed, and their digest, counted here: what the page shows and
// what the person signs cannot be two things.
import { useEffect, useState } from 'react'
import type { Approval } from '#protocols/core/approval.ts'

export interface ShownDocument {
  readonly document: Approval
  /** SHA-256 in hex of the bytes, counted in this browser */
  readonly digest: string
  /** it is the digest that the agent named */
  readonly isSame: boolean
}

/** Undefined until the digest is counted. @param bytes base64 @param named digest as the agent says it */
export function useSignedDocument(bytes: string | undefined, named: string | undefined): ShownDocument | undefined {
  const [shown, setShown] = useState<ShownDocument & { readonly of: string }>()
  useEffect(() => {
    if (bytes === undefined || named === undefined) return undefined
    let isWanted = true
    void read(bytes, named).then((read) => {
      if (isWanted) setShown({ ...read, of: bytes })
    })
    return () => {
      isWanted = false
    }
  }, [bytes, named])
  return shown?.of === bytes ? shown : undefined
}

async function read(base64: string, named: string): Promise<ShownDocument> {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const digest = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Approval
  return { document, digest, isSame: digest === named }
}
