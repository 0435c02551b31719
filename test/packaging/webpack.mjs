// Builds the app of the working folder with the webpack that is named by its path.

const [, , path] = process.argv
const { default: webpack } = await import(path)

webpack(
  {
    mode: 'production',
    context: process.cwd(),
    entry: './index.js',
    output: { publicPath: 'auto', clean: true },
  },
  (error, stats) => {
    if (!error && !stats.hasErrors()) return
    console.error(error ?? stats.toString({ colors: false }))
    process.exitCode = 1
  },
)
