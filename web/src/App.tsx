import { Button, Loader } from '@mantine/core'
import { Suspense, lazy } from 'react'
import { Route, Switch, useLocation } from 'wouter'
import { account } from './api/account'
import { Register, Setup, SetupWaiting, SignIn } from './account/SignIn'
import { Home } from './home/Home'
import { MessagePage } from './shell/MessagePage'
import { useAccount, useInstance } from './shell/useAccount'
import { useLate } from './shell/useLate'
import { useWords } from './words'

const DocumentPage = lazy(() => import('./editor/DocumentPage'))

export function App() {
  const state = useAccount()
  const [location] = useLocation()
  if (state.kind === 'starting') return <Waiting />
  if (state.kind === 'unreachable') return <ServerUnreachable />
  if (state.kind === 'signed_out') return <SignedOut />
  // A document stays on the screen when the session ends, and says so itself.
  if (state.ended && !location.startsWith('/d/')) return <SignedOut />
  return (
    <Suspense fallback={<Waiting />}>
      <Switch>
        <Route path="/">{() => <Home view="recent" />}</Route>
        <Route path="/mine">{() => <Home view="mine" />}</Route>
        <Route path="/shared">{() => <Home view="shared" />}</Route>
        <Route path="/trash">{() => <Home view="trash" />}</Route>
        <Route path="/register">{() => <Home view="recent" />}</Route>
        <Route path="/setup">{() => <Home view="recent" />}</Route>
        <Route path="/d/:id">{({ id }) => <DocumentPage key={id} id={id} />}</Route>
        <Route>{() => <NotFound />}</Route>
      </Switch>
    </Suspense>
  )
}

/** Signing in keeps the address: who opened a document's link lands in the document. */
function SignedOut() {
  const instance = useInstance()
  return (
    <Switch>
      <Route path="/setup">{() => <Setup />}</Route>
      {instance?.setup === 'first_account' && <Route>{() => <Register first />}</Route>}
      {instance?.setup === 'setup_link' && <Route>{() => <SetupWaiting />}</Route>}
      <Route path="/register">{() => <Register />}</Route>
      <Route>{() => <SignIn />}</Route>
    </Switch>
  )
}

function Waiting() {
  const late = useLate(true, 400)
  const words = useWords()
  return (
    <div style={{ height: '100%', display: 'grid', placeItems: 'center' }}>
      {late && <Loader size="sm" color="gray" aria-label={words.common.loading} />}
    </div>
  )
}

function ServerUnreachable() {
  const words = useWords()
  return (
    <MessagePage title={words.account.unreachable} text={words.account.unreachableText} home={false}>
      <Button onClick={() => void account.start()}>{words.common.tryAgain}</Button>
    </MessagePage>
  )
}

function NotFound() {
  const words = useWords()
  const [title, text] = words.missing.page
  return <MessagePage title={title} text={text} />
}
