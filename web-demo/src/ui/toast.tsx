// Short messages at the edge of the window, read out by screen readers.

import { useEffect, useState } from 'preact/hooks'

interface Message {
  id: number
  text: string
  bad: boolean
}

const SHOWN_MS = 5000

let show: (text: string, bad: boolean) => void = () => undefined

export const say = (text: string) => show(text, false)

/** Shows what went wrong with something the user asked for. */
export const complain = (error: unknown) =>
  show(error instanceof Error ? error.message : String(error), true)

/** Runs what a click asked for; what goes wrong is shown. */
export function attempt(work: () => Promise<unknown>): void {
  work().catch(complain)
}

export function Toasts() {
  const [messages, setMessages] = useState<Message[]>([])
  useEffect(() => {
    let last = 0
    show = (text, bad) => {
      const id = ++last
      setMessages((list) => [...list.slice(-2), { id, text, bad }])
      setTimeout(() => setMessages((list) => list.filter((each) => each.id !== id)), SHOWN_MS)
    }
  }, [])
  return (
    <div class="toasts" role="status">
      {messages.map(({ id, text, bad }) => (
        <div key={id} class={bad ? 'toast bad' : 'toast'}>
          {text}
        </div>
      ))}
    </div>
  )
}
