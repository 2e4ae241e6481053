import './shell/mantine'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { account } from './api/account'
import { App } from './App'
import { Announcer } from './shell/announce'
import { registerServiceWorker } from './shell/offline'
import { Shortcuts } from './shell/Shortcuts'
import { colorScheme, theme } from './shell/theme'
import { WordsProvider } from './words'

const root = document.getElementById('root')
if (root) {
  void account.start()
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} colorSchemeManager={colorScheme} defaultColorScheme="auto">
        <WordsProvider>
          <Notifications position="bottom-center" limit={3} autoClose={5000} />
          <App />
          <Shortcuts />
          <Announcer />
        </WordsProvider>
      </MantineProvider>
    </StrictMode>,
  )
  registerServiceWorker()
}
