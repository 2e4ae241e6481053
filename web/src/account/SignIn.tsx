import { Anchor, Button, PasswordInput, Text, TextInput, Title } from '@mantine/core'
import { useEffect, useId, useState, type FormEvent, type ReactNode } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { account } from '../api/account'
import { ApiError } from '../api/http'
import { Logo } from '../shell/Logo'
import { MessagePage } from '../shell/MessagePage'
import { useInstance } from '../shell/useAccount'
import { errorWords, useWords } from '../words'
import classes from './SignIn.module.css'

const PASSWORD_CHARS_MIN = 8

export function SignIn() {
  const words = useWords()
  const instance = useInstance()
  const [location] = useLocation()
  return (
    <Form
      title={instance ? words.account.signInTo(instance.name) : words.account.signIn}
      submit={words.account.signIn}
      send={({ username, password }) => account.signIn(username, password)}
      register={false}
      footer={
        instance?.registration === 'open' && (
          <Text size="sm" c="dimmed" ta="center">
            {words.account.noAccount}{' '}
            <Anchor component={Link} href={`/register?to=${encodeURIComponent(location)}`} size="sm" underline="always">
              {words.account.createAccount}
            </Anchor>
          </Text>
        )
      }
    />
  )
}

/** An account for oneself; `first`: the one that administers the instance. */
export function Register({ first = false }: { first?: boolean }) {
  const words = useWords()
  const [, navigate] = useLocation()
  const [search] = useSearchParams()
  return (
    <Form
      title={first ? words.account.firstTitle : words.account.registerTitle}
      {...(first ? { text: words.account.firstText } : {})}
      submit={words.account.createAccount}
      send={async (fields) => {
        await account.register(fields)
        navigate(localPath(search.get('to')), { replace: true })
      }}
      register
      footer={
        !first && (
          <Text size="sm" c="dimmed" ta="center">
            {words.account.haveAccount}{' '}
            <Anchor component={Link} href={localPath(search.get('to'))} size="sm" underline="always">
              {words.account.signIn}
            </Anchor>
          </Text>
        )
      }
    />
  )
}

/** The page behind the link that the server prints: makes the first account. */
export function Setup() {
  const words = useWords()
  const [, navigate] = useLocation()
  const [search] = useSearchParams()
  return (
    <Form
      title={words.account.firstTitle}
      text={words.account.setupText}
      submit={words.account.createAccount}
      send={async (fields) => {
        await account.register(fields, search.get('token') ?? '')
        navigate('/', { replace: true })
      }}
      register
    />
  )
}

export function SetupWaiting() {
  const words = useWords()
  return <MessagePage title={words.account.setupWaiting} text={words.account.setupWaitingText} home={false} />
}

/** Only places in this app: never lead somebody who signed in to another site. */
function localPath(to: string | null): string {
  return to?.startsWith('/') && !to.startsWith('//') && to !== '/register' ? to : '/'
}

interface Fields {
  username: string
  email: string
  password: string
}

interface FormProps {
  title: string
  text?: string
  submit: string
  register: boolean
  send: (fields: Fields) => Promise<void>
  footer?: ReactNode
}

/** What stands in the form, what is wrong with it, and sending it. */
function useFields(register: boolean, send: FormProps['send']) {
  const words = useWords()
  const [fields, setFields] = useState<Fields>({ username: '', email: '', password: '' })
  const [wrong, setWrong] = useState<Partial<Fields>>({})
  const [error, setError] = useState('')
  const [busy, setBusy] = useState(false)
  const set = (name: keyof Fields) => (event: { currentTarget: { value: string } }) => {
    setFields({ ...fields, [name]: event.currentTarget.value })
    setWrong({ ...wrong, [name]: undefined })
  }
  const check = (): Partial<Fields> => {
    const found: Partial<Fields> = {}
    if (!fields.username.trim()) found.username = words.account.required
    if (register && !fields.email.trim()) found.email = words.account.required
    if (!fields.password) found.password = words.account.required
    else if (register && fields.password.length < PASSWORD_CHARS_MIN) found.password = words.account.tooShort
    return found
  }
  const onSubmit = async (event: FormEvent) => {
    event.preventDefault()
    const found = check()
    setWrong(found)
    setError('')
    if (Object.keys(found).length > 0) return focusFirstWrong(event.currentTarget as HTMLFormElement)
    setBusy(true)
    try {
      await send({ ...fields, username: fields.username.trim(), email: fields.email.trim() })
    } catch (cause) {
      if (cause instanceof ApiError && cause.field && cause.field in fields) setWrong({ [cause.field]: errorWords(words, cause) })
      else setError(errorWords(words, cause))
      setBusy(false)
    }
  }
  return { fields, set, wrong, error, busy, onSubmit }
}

function Form({ title, text, submit, register, send, footer }: FormProps) {
  const words = useWords()
  const errorId = useId()
  const { fields, set, wrong, error, busy, onSubmit } = useFields(register, send)
  useEffect(() => {
    document.title = title
  }, [title])

  return (
    <main className={classes.page}>
      <form className={classes.form} onSubmit={(event) => void onSubmit(event)} noValidate aria-describedby={errorId}>
        <Logo size={40} />
        <div>
          <Title order={1} className={classes.title}>
            {title}
          </Title>
          {text && (
            <Text size="sm" c="dimmed" mt={6}>
              {text}
            </Text>
          )}
        </div>
        <TextInput
          label={register ? words.account.newUsername : words.account.username}
          {...(register ? { description: words.account.newUsernameHint } : {})}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          value={fields.username}
          onChange={set('username')}
          error={wrong.username}
        />
        {register && (
          <TextInput label={words.account.email} type="email" autoComplete="email" value={fields.email} onChange={set('email')} error={wrong.email} />
        )}
        <PasswordInput
          label={words.account.password}
          visibilityToggleButtonProps={{ 'aria-label': words.account.showPassword }}
          {...(register ? { description: words.account.passwordHint } : {})}
          autoComplete={register ? 'new-password' : 'current-password'}
          value={fields.password}
          onChange={set('password')}
          error={wrong.password}
        />
        <div id={errorId} role="alert" className={classes.error}>
          {error}
        </div>
        <Button type="submit" size="md" loading={busy} fullWidth>
          {submit}
        </Button>
        {footer}
      </form>
    </main>
  )
}

function focusFirstWrong(form: HTMLFormElement): void {
  requestAnimationFrame(() => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
}
