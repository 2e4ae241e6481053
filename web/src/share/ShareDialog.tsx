import { Button, Group, Menu, NativeSelect, Skeleton, Text, TextInput, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { Check, ChevronDown, Link2 } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import { changeRole, grant, revoke } from '../api/documents'
import { ApiError } from '../api/http'
import type { Permission, Role } from '../api/types'
import { announce } from '../shell/announce'
import { Dialog } from '../shell/Dialog'
import { Face } from '../shell/Face'
import { MenuChoice } from '../shell/MenuChoice'
import { nameOf } from '../shell/people'
import { useUser } from '../shell/useAccount'
import { errorWords, useWords } from '../words'
import { copyText, linkTo } from './copyLink'
import { usePermissions } from './usePermissions'
import classes from './ShareDialog.module.css'

const GIVEN: readonly Role[] = ['viewer', 'commenter', 'editor', 'owner']

interface Props {
  id: string
  title: string
  /** Whether this person may change who has access. */
  manage: boolean
  onClose: () => void
}

export function ShareDialog({ id, title, manage, onClose }: Props) {
  const words = useWords()
  const { state, reload } = usePermissions(id)
  const [error, setError] = useState('')
  const act = async (work: () => Promise<unknown>, done: string) => {
    setError('')
    try {
      await work()
      announce(done)
    } catch (cause) {
      setError(errorWords(words, cause))
    }
    reload()
  }
  return (
    <Dialog onClose={onClose} title={words.share.title(title)} size={520}>
      <p className={classes.truth} aria-live="polite">
        {state.kind === 'ready' ? <Truth permissions={state.permissions} /> : '\u00a0'}
      </p>
      {manage ? <Add id={id} added={reload} /> : <Text size="sm">{words.share.cannot}</Text>}
      <div role="alert" className={classes.error}>
        {state.kind === 'failed' ? words.share.failed : error}
      </div>
      {state.kind === 'loading' && <Skeleton height={40} radius="md" />}
      {state.kind === 'ready' && (
        <ul className={classes.people}>
          {state.permissions.map((permission) => (
            <Person
              key={permission.user.id}
              permission={permission}
              manage={manage}
              change={(role) => void act(() => changeRole(id, permission.user.id, role), words.roles[role])}
              remove={() => void act(() => revoke(id, permission.user.id), words.share.removed(nameOf(permission.user)))}
            />
          ))}
        </ul>
      )}
      <Group justify="space-between" className={classes.foot}>
        <CopyLink id={id} />
        <Button onClick={onClose}>{words.share.done}</Button>
      </Group>
    </Dialog>
  )
}

/** One sentence: who can open this document. */
export function Truth({ permissions }: { permissions: Permission[] }) {
  const words = useWords()
  const user = useUser()
  const [only] = permissions
  if (permissions.length !== 1 || !only) return words.share.count(permissions.length)
  return only.user.id === user.id ? words.share.onlyYou : words.share.onlyOwner(nameOf(only.user))
}

function Add({ id, added }: { id: string; added: () => void }) {
  const words = useWords()
  const [who, setWho] = useState('')
  const [role, setRole] = useState<Role>('editor')
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (who.trim() === '') return setError(words.account.required)
    setBusy(true)
    try {
      const permission = await grant(id, who.trim(), role)
      announce(words.share.added(nameOf(permission.user)))
      setWho('')
      setError('')
      added()
    } catch (cause) {
      const nobody = cause instanceof ApiError && cause.code === 'not_found'
      setError(nobody ? (words.errors.person_not_found ?? '') : errorWords(words, cause))
    }
    setBusy(false)
  }
  return (
    <form onSubmit={(event) => void submit(event)} className={classes.add}>
      <TextInput
        className={classes.who}
        aria-label={words.share.add}
        placeholder={words.share.addPlaceholder}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
        value={who}
        onChange={(event) => {
          setWho(event.currentTarget.value)
          setError('')
        }}
        error={error}
      />
      <NativeSelect
        aria-label={words.share.role}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value as Role)}
        data={GIVEN.map((value) => ({ value, label: words.roles[value] }))}
        className={classes.roleField}
      />
      <Button type="submit" loading={busy}>
        {words.share.invite}
      </Button>
    </form>
  )
}

interface PersonProps {
  permission: Permission
  manage: boolean
  change: (role: Role) => void
  remove: () => void
}

function Person({ permission: { user, role }, manage, change, remove }: PersonProps) {
  const words = useWords()
  const me = useUser()
  const name = nameOf(user)
  return (
    <li className={classes.person}>
      <Face id={user.id} name={name} color={user.color ?? null} size={34} />
      <div className={classes.name}>
        <Text size="sm" fw={550} truncate>
          {name} {user.id === me.id && <span className={classes.you}>({words.common.you})</span>}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {user.email ?? user.username}
        </Text>
      </div>
      {manage ? (
        <Menu position="bottom-end" width={230}>
          <Menu.Target>
            <UnstyledButton className={classes.role} aria-label={words.share.roleOf(name)}>
              {words.roles[role]}
              <ChevronDown size={15} aria-hidden />
            </UnstyledButton>
          </Menu.Target>
          <Menu.Dropdown>
            {GIVEN.map((each) => (
              <MenuChoice key={each} value={each} chosen={each === role} choose={() => each !== role && change(each)}>
                {words.roles[each]}
                <Text size="xs" c="dimmed">
                  {words.roleHints[each]}
                </Text>
              </MenuChoice>
            ))}
            <Menu.Divider />
            <Menu.Item color="var(--stet-danger)" onClick={remove} pl={36}>
              {words.share.remove}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Text size="sm" c="dimmed">
          {words.roles[role]}
        </Text>
      )}
    </li>
  )
}

function CopyLink({ id }: { id: string }) {
  const words = useWords()
  const [copied, setCopied] = useState(false)
  const copy = async () => {
    await copyText(linkTo(id))
    setCopied(true)
    announce(words.home.linkCopied)
  }
  return (
    <Button variant="default" leftSection={copied ? <Check size={16} aria-hidden /> : <Link2 size={16} aria-hidden />} onClick={() => void copy()}>
      {copied ? words.share.copied : words.share.copyLink}
      <VisuallyHidden>{`. ${words.share.linkHint}`}</VisuallyHidden>
    </Button>
  )
}
