// What an application loads that keeps a store: its size is the size of the download.

import { open } from '../../../dist/browser/index.js'

Object.assign(globalThis, { open })
