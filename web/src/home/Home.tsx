import { Button, CloseButton, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Plus, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { createDocument } from '../api/documents'
import type { View } from '../api/types'
import { AccountMenu } from '../shell/AccountMenu'
import { Logo } from '../shell/Logo'
import { useInstance } from '../shell/useAccount'
import { complaint } from '../shell/notice'
import { errorWords, useWords } from '../words'
import { DocumentListView } from './DocumentListView'
import { useDocumentList } from './useDocumentList'
import classes from './Home.module.css'

const PATHS: Record<View, string> = { recent: '/', mine: '/mine', shared: '/shared', trash: '/trash' }
const SEARCH_AFTER_MS = 200

export function Home({ view }: { view: View }) {
  const words = useWords()
  const instance = useInstance()
  const [typed, setTyped] = useState('')
  const [query] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS)
  const list = useDocumentList(view, query)
  const { create, busy } = useCreate()
  useEffect(() => {
    document.title = `${words.home.views[view]} – ${instance?.name ?? 'Stet'}`
  }, [words, view, instance])

  return (
    <div className={classes.page}>
      <header className={classes.bar}>
        <Link href="/" className={classes.brand}>
          <Logo />
          <span>{instance?.name ?? 'Stet'}</span>
        </Link>
        <AccountMenu />
      </header>
      <main className={classes.main}>
        <div className={classes.head}>
          <Title order={1} className={classes.title}>
            {words.home.title}
          </Title>
          <Button leftSection={<Plus size={17} aria-hidden />} onClick={() => void create()} loading={busy}>
            {words.home.create}
          </Button>
        </div>
        <div className={classes.controls}>
          <nav aria-label={words.home.viewsLabel} className={classes.views}>
            {(Object.keys(PATHS) as View[]).map((each) => (
              <Link key={each} href={PATHS[each]} className={classes.view} aria-current={each === view ? 'page' : undefined}>
                {words.home.views[each]}
              </Link>
            ))}
          </nav>
          <TextInput
            className={classes.search}
            size="sm"
            aria-label={words.home.search}
            placeholder={words.home.search}
            leftSection={<Search size={16} aria-hidden />}
            rightSection={typed && <CloseButton size="sm" aria-label={words.home.clearSearch} onClick={() => setTyped('')} />}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        </div>
        <DocumentListView view={view} query={query} list={list} create={() => void create()} />
        {list.state.kind === 'ready' && list.state.nextCursor !== null && (
          <Button variant="subtle" color="gray" onClick={list.loadMore} mt="md">
            {words.home.loadMore}
          </Button>
        )}
      </main>
      <footer className={classes.footer}>
        <Text size="xs" c="dimmed">
          {instance ? `Stet ${instance.version}` : ''}
        </Text>
      </footer>
    </div>
  )
}

function useCreate() {
  const words = useWords()
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  const create = async () => {
    setBusy(true)
    try {
      const { id } = await createDocument('')
      navigate(`/d/${id}`)
    } catch (error) {
      complaint(errorWords(words, error))
      setBusy(false)
    }
  }
  return { create, busy }
}
