// A row of buttons of which one is pressed.

interface Props {
  label: string
  options: readonly string[]
  chosen: string
  onChoose: (option: string) => void
}

export function Segments({ label, options, chosen, onChoose }: Props) {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === chosen}
          onClick={() => onChoose(option)}
        >
          {option}
        </button>
      ))}
    </div>
  )
}
