// Before the first paint: the theme that was chosen here, else what the system prefers.
try {
  const chosen = localStorage.getItem('theme')
  if (chosen) document.documentElement.dataset.theme = chosen
} catch {
  // Nothing may be kept here: the system's it is.
}
