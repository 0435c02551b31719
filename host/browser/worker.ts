// The script of a store's Worker.

import { serve } from './serve.ts'

serve()
