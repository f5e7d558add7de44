// Decides what is to be seen: the sign-in while nobody is signed in, else the frame with the page of the address. The
// address stays as it is meanwhile, so signing in leads back to where the reader was.
import { useEffect, useState } from 'react'
import { signIn, useAbout, useSession } from '../client.ts'
import { Loading } from '../components/state.tsx'
import { ProblemNote } from '../components/problem.tsx'
import type { Arrival } from './arrival.ts'
import { Frame } from './frame.tsx'
import { SignIn } from './sign-in.tsx'
import { VisitorContext } from './visitor.ts'

export function Entrance({ arrival }: { readonly arrival: Arrival | undefined }) {
  const about = useAbout()
  const session = useSession()
  const isEntering = useArrival(arrival, about.data?.demo === true)
  const error = about.error ?? session.error
  if (about.data === undefined || session.data === undefined || isEntering) {
    return <main className="page">{error === null ? <Loading /> : <ProblemNote error={error} />}</main>
  }
  if (session.data === null) return <SignIn about={about.data} />
  const visitor = { about: about.data, session: session.data, role: session.data.person.role }
  return (
    <VisitorContext value={visitor}>
      <Frame key={visitor.session.person.id} firstTour={arrival?.tour} />
    </VisitorContext>
  )
}

/** Signs in whom the address names, in a demonstration only. Says whether that is under way. */
function useArrival(arrival: Arrival | undefined, isDemo: boolean): boolean {
  const [isTried, setTried] = useState(false)
  const { person, passphrase } = arrival ?? {}
  const isWanted = person !== undefined && passphrase !== undefined && isDemo
  useEffect(() => {
    if (!isWanted || isTried) return
    // when it is refused, the sign-in page is there
    signIn(person, passphrase)
      .catch(() => undefined)
      .finally(() => setTried(true))
  }, [isWanted, isTried, person, passphrase])
  return isWanted && !isTried
}
