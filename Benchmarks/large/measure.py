"""One visit: an engine loads a model in a process of its own and embeds the texts of one length, or answers single queries."""
import json
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path

from harness import process

from .rows import Row
from .texts import QUERIES, QUERY_TOKENS

TIMEOUT = 600
# About 500 tokens.
WARM_CHARACTERS = 3500


@dataclass(frozen=True)
class Subject:
    row: Row
    model: Path
    exports: Path
    martlet: Path
    threads: int


def speed(subject, texts, tokens, count, vectors):
    """{tokens_per_second, seconds of each pass, version}, after a warm-up. The vectors go to a file."""
    if subject.row.peer is None:
        # The worker of the other engines makes so many passes, fewer where one takes seconds.
        passes = 1 if tokens > 1000 else 3
        found = _bench(subject, '-f', texts, '--limit', count, '--max-tokens', tokens, '--rounds', passes, '--vectors', vectors)
        seconds = found['corpus']['rounds']
        if found['corpus']['tokens'] != tokens * count:
            raise process.Failed(f'{found["corpus"]["tokens"]} tokens were embedded, not {tokens * count}')
    else:
        warm = [] if subject.row.warms_up_whole else ['--warm-characters', WARM_CHARACTERS]
        found = _worker(subject, tokens, '--texts', texts, '--limits', count, '--vectors', vectors, *warm)
        seconds = found['workloads'][0]['rounds']
    return {'tokens_per_second': tokens * count / statistics.median(seconds), 'seconds': seconds, 'version': found.get('version', '')}


def query(subject, queries):
    """{p50_ms, p99_ms} of single texts of 12 tokens."""
    asked = ['--queries-from', queries, '--queries', QUERIES]
    if subject.row.peer is None:
        found = _bench(subject, '--lengths', QUERY_TOKENS, '--tokens', QUERY_TOKENS, *asked)['query']
    else:
        found = _worker(subject, 512, *asked)
    return {name: found[name] for name in ('p50_ms', 'p99_ms')}


def _bench(subject, *more):
    command = [subject.martlet, 'bench', '-m', subject.model, '--json', '--precision', subject.row.precision, '--threads', subject.threads]
    return json.loads(process.run([*command, *more], timeout=TIMEOUT).output)


def _worker(subject, tokens, *more):
    command = [sys.executable, '-m', 'peers.worker', subject.row.peer, '--precision', subject.row.precision, '--model', subject.model,
               '--exports', subject.exports, '--threads', subject.threads, '--max-tokens', tokens]
    return json.loads(process.run([*command, *more], timeout=TIMEOUT).output.splitlines()[-1])
