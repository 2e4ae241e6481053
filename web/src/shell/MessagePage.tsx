import { Button, Title, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useWords } from '../words'
import { Logo } from './Logo'
import classes from './MessagePage.module.css'

interface MessagePageProps {
  title: string
  text: string
  children?: ReactNode
  /** Whether a way back to the list makes sense. */
  home?: boolean
}

/** A page that only says something, with a way out. */
export function MessagePage({ title, text, children, home = true }: MessagePageProps) {
  const words = useWords()
  return (
    <main className={classes.page}>
      <Logo size={36} />
      <Title order={1} size="h3">
        {title}
      </Title>
      <Text c="dimmed" maw={420} ta="center">
        {text}
      </Text>
      <div className={classes.actions}>
        {children}
        {home && (
          <Button component={Link} href="/" variant="default">
            {words.common.back}
          </Button>
        )}
      </div>
    </main>
  )
}
