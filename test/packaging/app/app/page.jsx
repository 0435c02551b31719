'use client'

// Next renders this page on its server too, where there is no window: importing the store is harmless there.
import { useEffect } from 'react'
import { start } from '../main.js'

export default function Page() {
  useEffect(() => void start(), [])
  return <p>A tiny app</p>
}
