'use client'

// Next renders this page on its server too, where there is no window: importing the store is harmless there.
import { useEffect } from 'react'
import { connect } from 'wadi/client'
import { useKey } from 'wadi/react'
import { start } from '../main.js'

export default function Page() {
  const greeting = useKey(undefined, 'greeting')
  useEffect(() => void start(), [])
  return <p>{greeting === undefined && typeof connect === 'function' ? 'A tiny app' : 'Broken'}</p>
}
