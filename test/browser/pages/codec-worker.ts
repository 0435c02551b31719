// A Worker of one's own, which encrypts what is kept with the key that `open()` was given.

import { serve } from '../../../host/browser/serve.ts'

serve({
  codec(seed) {
    const key = seed as CryptoKey
    return {
      name: 'aes-gcm',
      async encode(plain) {
        const iv = crypto.getRandomValues(new Uint8Array(12))
        const algorithm = { name: 'AES-GCM', iv }
        const sealed = await crypto.subtle.encrypt(algorithm, key, Uint8Array.from(plain))
        const bytes = new Uint8Array(12 + sealed.byteLength)
        bytes.set(iv)
        bytes.set(new Uint8Array(sealed), 12)
        return bytes
      },
      async decode(payload) {
        const algorithm = { name: 'AES-GCM', iv: payload.slice(0, 12) }
        return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, payload.slice(12)))
      },
    }
  },
})
