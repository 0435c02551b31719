export const usage = `Usage: wadi cli [options] [command [argument ...]]

  -h <host>            Server (127.0.0.1)
  -p <port>            Port (6379)
  -s <path>            Unix socket, instead of host and port
  -u <uri>             redis[s]://[user:password@]host[:port][/db]
  -a, --pass <secret>  Password; the variable REDISCLI_AUTH is safer
  --user <name>        User of the password
  --askpass            Ask for the password on the terminal
  --no-auth-warning    Do not warn of passwords on the command line
  -n <db>              Database
  -2, -3               Protocol version

  --tls                Over TLS
  --sni <name>         Name that the server is asked for
  --cacert <file>      Certificates that are trusted
  --cacertdir <folder> A folder of them
  --cert, --key <file> Certificate and key of the client
  --insecure           Trust any certificate
  --tls-ciphers, --tls-ciphersuites <list>

  -r <times>           Run the command so often; -1: without an end
  -i <seconds>         Between two runs, pages or lines
  -x                   The last argument comes from standard input
  -X <tag>             The argument <tag> comes from standard input
  -e                   Exit with 1 when the reply is an error
  --quoted-input       Arguments are quoted texts
  --raw, --no-raw      Output for programs, or for people
  -d, -D <text>        Between the parts of a raw reply, and behind it
  --csv, --json, --quoted-json
  --show-pushes <yes|no>

  --eval <file> key ... , argument ...
                       Run a script
  --pipe               Send what comes from standard input as it is
  --pipe-timeout <s>   Wait so long for a reply (30; 0: for ever)
  --scan               List keys
  --pattern, --quoted-pattern <glob>
  --count <n>          Keys a page
  --bigkeys            Look for values with many elements
  --memkeys            Look for values that take much memory
  --memkeys-samples <n>
  --hotkeys            Look for keys that are used much
  --latency            How long a PING takes
  --latency-history    The same for each range of 15 seconds
  --stat               A line of numbers each second
  --help, --version

Without a command lines are read, from the terminal with history, completion and hints.
`
