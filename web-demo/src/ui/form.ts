/** The texts of a form's fields, by their names. */
export type Given = (name: string) => string

export function givenIn(form: HTMLFormElement): Given {
  const data = new FormData(form)
  return (name) => {
    const value = data.get(name)
    return typeof value === 'string' ? value : ''
  }
}
