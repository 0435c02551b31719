// Which Redis this server is like, and what is printed about it.

/** The version of Redis whose behaviour this is; clients choose features by it. */
export const REDIS_VERSION = '7.2.4'

/** `redis-server --version`, which tools take apart. */
export const versionLine = `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=wadi bits=32 build=wadi`

export const usage = `Usage: wadi [/path/to/redis.conf] [options] [-]
       wadi - (read config from stdin)
       wadi -v or --version
       wadi -h or --help
       wadi --test-memory <megabytes>
       wadi --check-system
       wadi check-aof [--fix] <file.manifest|file.aof|directory>
       wadi check-rdb <rdb-file-name>
       wadi cli [options] [command [argument ...]]

Examples:
       wadi (run the server with default conf)
       echo 'maxmemory 128mb' | wadi -
       wadi /etc/wadi/6379.conf
       wadi --port 7777
       wadi --port 7777 --replicaof 127.0.0.1 8888
       wadi /etc/wadi.conf --loglevel verbose -
       wadi /etc/wadi.conf --loglevel verbose
`

export const memoryTestAnswer = `This server keeps its data in the memory of a WebAssembly engine, from where no particular piece of
the machine's memory can be tested. Use these tools instead:
1) memtest86: http://www.memtest86.com/
2) memtester: http://pyropus.ca/software/memtester/
`
