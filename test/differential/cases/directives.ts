/** Scripts for the values of directives: how they are read, refused and shown. */
import type { Case } from '../script.ts'

export const cases: readonly Case[] = [
  {
    name: 'directives: several words: save, percentiles, adjustments, shutdown',
    commands: String.raw`
      CONFIG GET save
      CONFIG SET save ""
      CONFIG GET save
      CONFIG SET save "1 2 3"
      CONFIG SET save "10 2  20 1"
      CONFIG SET save "10 2 20 1"
      CONFIG GET save
      CONFIG SET save "0 1"
      CONFIG SET save "1 0"
      CONFIG GET save
      CONFIG SET save "+1 01"
      CONFIG GET save
      CONFIG SET latency-tracking-info-percentiles "50 101"
      CONFIG SET latency-tracking-info-percentiles "a"
      CONFIG SET latency-tracking-info-percentiles "50.0 99.90 1e1 0"
      CONFIG GET latency-tracking-info-percentiles
      CONFIG SET latency-tracking-info-percentiles "33.333333333 0.0000001 99.9999999 12.5"
      CONFIG GET latency-tracking-info-percentiles
      CONFIG SET latency-tracking-info-percentiles ""
      CONFIG GET latency-tracking-info-percentiles
      CONFIG SET oom-score-adj-values "1 2"
      CONFIG SET oom-score-adj-values "1 2 3000"
      CONFIG SET oom-score-adj-values "3 2 1"
      CONFIG GET oom-score-adj-values
      CONFIG SET shutdown-on-sigint "save nosave"
      CONFIG SET shutdown-on-sigint "nosave now force"
      CONFIG GET shutdown-on-sigint
      CONFIG SET shutdown-on-sigint "foo"
      CONFIG SET shutdown-on-sigint ""
      CONFIG SET shutdown-on-sigint "default"
      CONFIG GET shutdown-on-sigint
      CONFIG SET shutdown-on-sigint "default force"
      CONFIG GET shutdown-on-sigint
      CONFIG SET save "1 -2"
      CONFIG SET save "" latency-tracking-info-percentiles "50 99 99.9" oom-score-adj-values "0 200 800" shutdown-on-sigint default
    `,
  },
  {
    name: 'directives: event classes',
    commands: String.raw`
      CONFIG SET notify-keyspace-events An
      CONFIG GET notify-keyspace-events
      CONFIG SET notify-keyspace-events KEA
      CONFIG GET notify-keyspace-events
      CONFIG SET notify-keyspace-events AKEmn
      CONFIG GET notify-keyspace-events
      CONFIG SET notify-keyspace-events mdKgn
      CONFIG GET notify-keyspace-events
      CONFIG SET notify-keyspace-events q
      CONFIG SET notify-keyspace-events ""
      CONFIG GET notify-keyspace-events
      CONFIG SET notify-keyspace-events "K E"
      CONFIG SET notify-keyspace-events ""
    `,
  },
  {
    name: 'directives: output limits',
    commands: String.raw`
      CONFIG SET client-output-buffer-limit "replica 1kb 2 3"
      CONFIG GET client-output-buffer-limit
      CONFIG SET client-output-buffer-limit "foo 1 2 3"
      CONFIG SET client-output-buffer-limit "normal 1 2"
      CONFIG SET client-output-buffer-limit "normal 1 x 3"
      CONFIG SET client-output-buffer-limit "master 1 2 3"
      CONFIG SET client-output-buffer-limit "normal 1 2 -3"
      CONFIG SET client-output-buffer-limit "normal 1 2 3x"
      CONFIG SET client-output-buffer-limit "NORMAL 1mb 2k 3 pubsub 1gb 0 0"
      CONFIG GET client-output-buffer-limit
      CONFIG SET client-output-buffer-limit ""
      CONFIG GET client-output-buffer-limit
      CONFIG SET client-output-buffer-limit "normal 0 0 0 slave 256mb 64mb 60 pubsub 32mb 8mb 60"
    `,
  },
  {
    name: 'directives: amounts of memory and percentages',
    commands: String.raw`
      CONFIG SET maxmemory-policy foo
      CONFIG SET maxmemory -1
      CONFIG SET maxmemory 10x
      CONFIG SET maxmemory-clients 101%
      CONFIG SET maxmemory-clients -5
      CONFIG SET maxmemory-clients 5%
      CONFIG GET maxmemory-clients
      CONFIG SET maxmemory 1gbb
      CONFIG SET maxmemory 1Gb
      CONFIG GET maxmemory
      CONFIG SET maxmemory ""
      CONFIG SET maxmemory mb
      CONFIG GET maxmemory maxmem* MAXMEMORY
      CONFIG SET proto-max-bulk-len 1
      CONFIG SET maxmemory 99999999999999999999
      CONFIG GET maxmemory
      CONFIG SET maxmemory 0
      CONFIG SET repl-backlog-size 99999999999999999999
      CONFIG SET repl-backlog-size 2mb
      CONFIG GET repl-backlog-size
      CONFIG GET maxmemory
      CONFIG SET maxmemory
      CONFIG SET maxmemory-clients 1%
      CONFIG SET maxmemory-clients %
      CONFIG SET maxmemory-clients 18446744073709551615
      CONFIG GET maxmemory-clients
      CONFIG SET maxmemory-clients 18446744073709551416
      CONFIG SET maxmemory-samples 0
      CONFIG SET maxmemory-samples 100
      CONFIG SET zset-max-listpack-value 1kb
      CONFIG SET maxmemory 0 maxmemory-clients 0 maxmemory-policy noeviction maxmemory-samples 5 repl-backlog-size 1mb zset-max-listpack-value 64
    `,
  },
  {
    name: 'directives: names of old and new versions',
    commands: String.raw`
      CONFIG SET hash-max-ziplist-entries -1
      CONFIG SET hash-max-ziplist-entries x
      CONFIG SET hash-max-ziplist-entries 10 hash-max-listpack-entries 20
      CONFIG GET hash-max-*
      CONFIG SET hash-max-ziplist-entries 10 hash-max-ziplist-entries 20
      CONFIG GET [h-i]ash-max-* *-SIZE
      CONFIG GET h?sh*
      CONFIG SET list-max-listpack-size -2147483649
      CONFIG SET list-max-listpack-size -5
      CONFIG GET list-max-ziplist-size
      CONFIG GET slave*
      CONFIG GET replica-*
      CONFIG SET slave-priority x
      CONFIG SET slave-priority 5
      CONFIG GET *priority
      CONFIG GET zset-max-ziplist-value
      CONFIG SET hash-max-listpack-entries 128 list-max-listpack-size -2 replica-priority 100
    `,
  },
  {
    name: 'directives: everything else',
    commands: String.raw`
      CONFIG SET a 1 b
      CONFIG SET port 1 port 2
      CONFIG SET PORT abc
      CONFIG SET appendonly maybe
      CONFIG SET databases 4
      CONFIG SET Databases 4
      CONFIG SET dbfilename a/b
      CONFIG SET dir /
      CONFIG SET slowlog-log-slower-than -2
      CONFIG SET hz 1000
      CONFIG GET hz
      CONFIG SET hz 0
      CONFIG GET hz
      CONFIG SET hz -5
      CONFIG SET cluster-announce-hostname "a b"
      CONFIG SET cluster-announce-hostname aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
      CONFIG SET proc-title-template "{x}"
      CONFIG SET unixsocketperm 700
      CONFIG SET foo bar baz
      CONFIG SET requirepass "" maxmemory x
      CONFIG SET maxmemory 100 bind "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17"
      CONFIG SET timeout 99999999999
      CONFIG SET timeout " 1"
      CONFIG SET maxclients 0
      CONFIG SET replicaof "a b"
      CONFIG SET lfu-log-factor 3 unknown-x 4
      CONFIG GET lfu-log-factor
      CONFIG SET rdb-key-save-delay 5
      CONFIG GET rdb-key-save*
      CONFIG GET rdb-key-save-delay
      CONFIG SET tls-port 70000
      CONFIG GET nothing
      CONFIG SET loglevel VERBOSE
      CONFIG GET loglevel
      CONFIG SET appendfsync Always
      CONFIG GET appendfsync
      CONFIG SET masterauth "a b c"
      CONFIG GET masterauth
      CONFIG SET LAZYFREE-lazy-eviction YES
      CONFIG GET lazyfree-lazy-eviction
      CONFIG SET lazyfree-lazy-eviction ""
      CONFIG SET tracking-table-max-keys 99999999999
      CONFIG GET tracking-table-max-keys
      CONFIG SET syslog-facility local1
      CONFIG GET syslog-facility unixsocketperm databases appendfilename
      CONFIG SET unixsocket x
      CONFIG SET maxmemory 1 MAXMEMORY 2
      CONFIG SET active-expire-effort 11
      CONFIG SET cluster-preferred-endpoint-type a
      CONFIG SET proc-title-template "{title} {{x} {port}"
      CONFIG SET proc-title-template "{title"
      CONFIG SET proc-title-template "{TITLE}"
      CONFIG SET proc-title-template "a}b"
      CONFIG SET proc-title-template ""
      CONFIG SET hz 10 appendfsync everysec masterauth "" loglevel notice lazyfree-lazy-eviction no tracking-table-max-keys 1000000 rdb-key-save-delay 0 proc-title-template "{title} {listen-addr} {server-mode}"
    `,
  },
]
