import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'

/** A short message at the foot of the page, with at most one thing to do about it. */
export function notice(message: string, action?: { label: string; act: () => void }): void {
  const id = notifications.show({
    message: action ? (
      <Group justify="space-between" wrap="nowrap">
        <span>{message}</span>
        <Button
          size="compact-sm"
          variant="subtle"
          onClick={() => {
            notifications.hide(id)
            action.act()
          }}
        >
          {action.label}
        </Button>
      </Group>
    ) : (
      message
    ),
    withCloseButton: action === undefined,
    // Time to reach the button, also with the keyboard.
    autoClose: action ? 10_000 : 4_000,
  })
}
