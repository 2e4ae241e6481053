/** Stands in for `navigator.locks` in tests, which jsdom lacks: shared and exclusive locks, waiting in order. */
export class FakeLocks {
  readonly #held = new Map<string, { mode: LockMode; ended: Promise<unknown> }[]>()

  async request(name: string, options: LockOptions, act: (lock: object | null) => unknown): Promise<unknown> {
    const mode = options.mode ?? 'exclusive'
    const inTheWay = () => (this.#held.get(name) ?? []).filter((held) => mode === 'exclusive' || held.mode === 'exclusive')
    if (options.ifAvailable && inTheWay().length > 0) return act(null)
    while (inTheWay().length > 0) {
      await Promise.race([...inTheWay().map(({ ended }) => ended), aborted(options.signal)])
      options.signal?.throwIfAborted()
    }
    const running = Promise.resolve(act({ name, mode }))
    const held = { mode, ended: running.catch(() => {}) }
    this.#held.set(name, [...(this.#held.get(name) ?? []), held])
    await held.ended
    this.#held.set(name, (this.#held.get(name) ?? []).filter((each) => each !== held))
    return running
  }
}

function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))
}
