// The chosen key: its facts, its time to live, what can be done with it, and the editor of its type.

import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { call } from '../store/store.ts'
import { Dialog } from '../ui/dialog.tsx'
import { bytes } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { complain, say } from '../ui/toast.tsx'
import { HashEditor, ListEditor, SetEditor } from './collections.tsx'
import type { EditorProps } from './elements.tsx'
import { describe, type Key, type Type } from './keys.ts'
import { Left, LifetimeDialog } from './lifetime.tsx'
import { SortedSetEditor } from './sorted-set.tsx'
import { StreamEditor } from './stream.tsx'
import { StringEditor } from './string.tsx'

const editors: Record<Type, ComponentType<EditorProps>> = {
  string: StringEditor,
  hash: HashEditor,
  list: ListEditor,
  set: SetEditor,
  zset: SortedSetEditor,
  stream: StreamEditor,
}

interface Props extends EditorProps {
  onOpen: (name: string) => void
}

export function Value({ name, changes, onOpen }: Props) {
  const [facts, setFacts] = useState<Key & { encoding: string }>()
  const [isGone, setGone] = useState(false)
  const [asked, setAsked] = useState<'name' | 'lifetime' | 'delete'>()
  useEffect(() => {
    let isOld = false
    const read = async () => {
      const key = await describe(name)
      const encoding = key && ((await call('OBJECT', 'ENCODING', name)) as string)
      if (isOld) return
      setGone(!key)
      setFacts(key && { ...key, encoding: encoding! })
    }
    read().catch(complain)
    return () => {
      isOld = true
    }
  }, [name, changes])

  if (isGone || (facts && facts.name !== name)) {
    return isGone ? (
      <div class="empty">
        <Icon name="data" />
        <p>
          There is no key called <code>{name}</code>.
        </p>
        <a class="button" href="#/data">
          All keys
        </a>
      </div>
    ) : null
  }
  if (!facts) return null
  const Editor = editors[facts.type]
  return (
    <>
      <div class="value-head">
        <div class="row">
          <a class="button bare square back" href="#/data" aria-label="All keys">
            <Icon name="back" />
          </a>
          <span class={`badge ${facts.type}`}>{facts.type}</span>
          <h2 class="mono name" title={name}>
            {name}
          </h2>
          <span class="spread" />
          <button
            class="button bare square"
            aria-label="Rename"
            title="Rename"
            onClick={() => setAsked('name')}
          >
            <Icon name="pencil" />
          </button>
          <button
            class="button bare square danger"
            aria-label="Delete the key"
            title="Delete the key"
            onClick={() => setAsked('delete')}
          >
            <Icon name="trash" />
          </button>
        </div>
        <dl class="facts small">
          <div>
            <dt>Encoding</dt>
            <dd class="mono">{facts.encoding}</dd>
          </div>
          <div>
            <dt>Memory</dt>
            <dd class="numbers">{bytes(facts.sizeBytes)}</dd>
          </div>
          <div>
            <dt>Lives</dt>
            <dd>
              <button class="link numbers" onClick={() => setAsked('lifetime')}>
                {facts.expiresAt === undefined ? (
                  'for ever'
                ) : (
                  <>
                    for <Left until={facts.expiresAt} />
                  </>
                )}
              </button>
            </dd>
          </div>
        </dl>
      </div>
      <div class="value-body" key={`${facts.type} ${name}`}>
        <Editor name={name} changes={changes} />
      </div>
      {asked === 'name' && (
        <Dialog
          title="Rename the key"
          action="Rename"
          onClose={() => setAsked(undefined)}
          onSubmit={async (given) => {
            const next = given('name')
            if (!(await call('RENAMENX', name, next))) {
              throw new Error(`There is a key called ${next} already.`)
            }
            onOpen(next)
          }}
        >
          <label class="label">
            New name
            <input class="field mono" name="name" required defaultValue={name} spellcheck={false} />
          </label>
        </Dialog>
      )}
      {asked === 'lifetime' && (
        <LifetimeDialog
          title="Time to live"
          what="key"
          until={facts.expiresAt}
          onClose={() => setAsked(undefined)}
          onSet={(seconds) => (seconds ? call('EXPIRE', name, seconds) : call('PERSIST', name))}
        />
      )}
      {asked === 'delete' && (
        <Dialog
          title="Delete the key?"
          action="Delete"
          danger
          onClose={() => setAsked(undefined)}
          onSubmit={async () => {
            await call('UNLINK', name)
            say('Deleted')
            location.hash = '/data'
          }}
        >
          <p>
            <code>{name}</code> and what it holds will be gone in all tabs.
          </p>
        </Dialog>
      )}
    </>
  )
}
