import { Button, Group, Menu, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { Keyboard, LogOut, UserPen } from 'lucide-react'
import { useState } from 'react'
import { ProfileDialog } from '../account/ProfileDialog'
import { account } from '../api/account'
import { dropAllCopies, listCopies } from '../sync/copies'
import { LANGUAGES, chooseLanguage, useSpoken, useWords, type Language } from '../words'
import { Dialog } from './Dialog'
import { Face } from './Face'
import { MenuChoice } from './MenuChoice'
import { nameOf } from './people'
import { openShortcuts } from './Shortcuts'
import { useUser } from './useAccount'
import classes from './AccountMenu.module.css'

export function AccountMenu() {
  const user = useUser()
  const words = useWords()
  const [editing, setEditing] = useState(false)
  const [unsent, setUnsent] = useState<number | null>(null)
  const leave = () => {
    void account.signOut().then(() => dropAllCopies(user.id))
  }
  const askToLeave = () => {
    const changes = Object.values(listCopies(user.id)).reduce((sum, copy) => sum + copy.changes, 0)
    if (changes > 0) setUnsent(changes)
    else leave()
  }

  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <UnstyledButton aria-label={words.account.menu(nameOf(user))} className={classes.target}>
            <Face id={user.id} name={nameOf(user)} color={user.color ?? null} size={30} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <div className={classes.who}>
            <Text size="sm" fw={600} truncate>
              {nameOf(user)}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {user.email ?? user.username}
            </Text>
          </div>
          <Menu.Item leftSection={<UserPen size={16} aria-hidden />} onClick={() => setEditing(true)}>
            {words.profile.title}
          </Menu.Item>
          <Menu.Divider />
          <Looks />
          <Menu.Divider />
          <Menu.Item leftSection={<Keyboard size={16} aria-hidden />} onClick={openShortcuts}>
            {words.commands.shortcuts}
          </Menu.Item>
          <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={askToLeave}>
            {words.account.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {editing && <ProfileDialog onClose={() => setEditing(false)} />}
      {unsent !== null && (
        <Dialog onClose={() => setUnsent(null)} title={words.account.signOutTitle}>
          <Text size="sm">{words.account.signOutText(unsent)}</Text>
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={() => setUnsent(null)} data-autofocus>
              {words.common.cancel}
            </Button>
            <Button color="red" onClick={leave}>
              {words.account.signOutAnyway}
            </Button>
          </Group>
        </Dialog>
      )}
    </>
  )
}

/** The choices of appearance and language. */
function Looks() {
  const { words, language } = useSpoken()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const themes: [MantineColorScheme, string][] = [
    ['light', words.theme.light],
    ['dark', words.theme.dark],
    ['auto', words.theme.system],
  ]
  return (
    <>
      <Menu.Label>{words.theme.label}</Menu.Label>
      {themes.map(([scheme, label]) => (
        <MenuChoice key={scheme} value={scheme} chosen={colorScheme === scheme} choose={() => setColorScheme(scheme)} closes={false}>
          {label}
        </MenuChoice>
      ))}
      <Menu.Divider />
      <Menu.Label>{words.languages}</Menu.Label>
      {(Object.keys(LANGUAGES) as Language[]).map((each) => (
        <MenuChoice key={each} value={each} chosen={each === language} choose={() => chooseLanguage(each)} closes={false}>
          {LANGUAGES[each].language}
        </MenuChoice>
      ))}
    </>
  )
}
