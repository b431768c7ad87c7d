"""Runs one command in a process whose peak memory can be told: the peak that the system counts for a process begins with that of the one
that started it, so this starter stays small. usage: python -S child.py RESULT.json TIMEOUT LOG COMMAND..."""
import json
import os
import signal
import sys
import time

result, timeout, log, command = sys.argv[1], float(sys.argv[2]), sys.argv[3], sys.argv[4:]
output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
actions = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)]
if os.environ.get('MARTLET_BENCH_STDOUT'):
    actions[0] = (os.POSIX_SPAWN_OPEN, 1, os.environ.pop('MARTLET_BENCH_STDOUT'), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
start = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ, file_actions=actions)
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.setitimer(signal.ITIMER_REAL, timeout)
_, status, usage = os.wait4(child, 0)
seconds = time.monotonic() - start
with open(result, 'w') as file:
    json.dump({'seconds': seconds, 'status': os.waitstatus_to_exitcode(status), 'peak_bytes': usage.ru_maxrss * 1024,
               'cpu_seconds': usage.ru_utime + usage.ru_stime}, file)
