"""Load on `martlet serve`; prints Markdown. See ./run."""
import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

from harness import machine

from . import servers, soak, wrk

ROOT = Path(__file__).resolve().parents[2]
WORK = Path(os.environ.get('MARTLET_BENCH_WORK', ROOT / '.benchmarks'))
SECTIONS = ['overhead', 'bulk', 'soak', 'connections']


def texts(name, count):
    path = WORK / 'corpus' / f'{name}.jsonl'
    if not path.exists():
        raise SystemExit(f'{path} is not there: run Benchmarks/run --prepare')
    with open(path) as file:
        return [json.loads(line)['text'] for line, _ in zip(file, range(count))]


def say(*words):
    print(*words, file=sys.stderr, flush=True)


class Run:
    def __init__(self, arguments):
        self.arguments = arguments
        self.short, self.para = texts('short', 2000), texts('para', 400)

    def martlet(self, *options):
        return servers.martlet(self.arguments.martlet, self.arguments.threads, *options)

    def library(self, name, count):
        """Texts a second and the p50 of one query, in process."""
        result = subprocess.run(
            [self.arguments.martlet, 'bench', '-f', WORK / 'corpus' / f'{name}.jsonl', '--limit', str(count), '--rounds', '5', '--json',
             '--queries', '2000', '--queries-from', self.queries(), '--threads', str(self.arguments.threads)],
            capture_output=True, text=True, check=True)
        values = json.loads(result.stdout)
        return values['corpus']['texts_per_second'], values['query']['p50_ms']

    def queries(self):
        """The short texts a line each: the queries of wrk and of the library are the same."""
        path = WORK / 'corpus' / 'server-queries.txt'
        path.write_text(''.join(' '.join(text.split()) + '\n' for text in self.short))
        return path

    def overhead(self):
        """In turn: the library, Martlet's server, and llama.cpp's where it is given."""
        rows = {}

        def note(key, *values):
            rows.setdefault(key, []).append(values)
            say(*key, *(f'{value:.3f}' for value in values))
        for _ in range(self.arguments.rounds):
            note(('library', 'short'), *self.library('short', 2000))
            note(('library', 'para'), *self.library('para', 400))
            with self.martlet() as server:
                self.visit(server, note)
            if self.arguments.llama_server:
                with servers.llama_cpp(self.arguments.llama_server, self.arguments.gguf, self.arguments.threads) as server:
                    self.visit(server, note)
        print('| | texts | connections | requests/s | p50, ms | p99, ms |\n|---|---|---:|---:|---:|---:|')
        for key, visits in rows.items():
            medians = [statistics.median_low(column) for column in zip(*visits)]
            if key[0] == 'library':
                print(f'| the library, in process | {key[1]} | – | {medians[0]:,.0f} | {"%.2f" % medians[1] if key[1] == "short" else "–"} | – |')
            else:
                print(f'| {key[0]} | {key[1]} | {key[2]} | {medians[0]:,.0f} | {medians[1]:.2f} | {medians[2]:.2f} |')

    def visit(self, server, note):
        seconds = self.arguments.seconds
        wrk.load(server.url, self.short, 4, 2)
        for name, found, connections in (('short', self.short, 1), ('short', self.short, 32), ('para', self.para, 32)):
            load = wrk.load(server.url, found, connections, seconds)
            note((server.name, name, connections), load.requests_per_second, load.p50, load.p99)

    def bulk(self):
        """One query at a time, alone and beside a client that sends 2,000 texts in each request without a pause."""
        with self.martlet() as server:
            wrk.load(server.url, self.short, 1, 2)
            alone = wrk.load(server.url, self.short, 1, self.arguments.seconds)
            stopped = threading.Event()
            answered = []
            body = json.dumps({'input': self.para * 5}).encode()

            def send():
                while not stopped.is_set():
                    request = urllib.request.Request(server.url + '/v1/embeddings', body, {'Content-Type': 'application/json'})
                    with urllib.request.urlopen(request, timeout=120) as answer:
                        answered.append(len(answer.read()))
            sender = threading.Thread(target=send)
            sender.start()
            beside = wrk.load(server.url, self.short, 1, self.arguments.seconds * 2)
            stopped.set()
            sender.join()
        print('\n| one query at a time | requests/s | p50, ms | p99, ms |\n|---|---:|---:|---:|')
        print(f'| alone | {alone.requests_per_second:,.0f} | {alone.p50:.2f} | {alone.p99:.2f} |')
        print(f'| beside a bulk client ({len(answered)} requests of 2,000 paragraphs) | {beside.requests_per_second:,.0f} '
              f'| {beside.p50:.2f} | {beside.p99:.2f} |')

    def soak(self):
        with self.martlet('--cache-bytes', 1 << 20) as server:
            seen = soak.requests(server, self.short + self.para, self.arguments.requests)
        print('\n| requests | resident memory, MiB |\n|---:|---:|')
        for done, memory in seen[:1] + seen[1:-1:max(1, len(seen) // 6)] + seen[-1:]:
            print(f'| {done:,} | {memory:.1f} |')

    def connections(self):
        with self.martlet() as server:
            wrk.load(server.url, self.short, 32, 3)
            seen = soak.connections(server)
        print('\n| connections opened and dropped | resident memory, MiB | open files |\n|---:|---:|---:|')
        for count, memory, files in seen:
            print(f'| {count:,} | {memory:.1f} | {files} |')


def main():
    parser = argparse.ArgumentParser(prog='Benchmarks/server/run')
    parser.add_argument('--martlet', default=ROOT / '.build/release/martlet', help='the command; default: .build/release/martlet')
    parser.add_argument('--sections', default=','.join(SECTIONS), help=f'default: {",".join(SECTIONS)}')
    parser.add_argument('--threads', type=int, default=machine.cores())
    parser.add_argument('--seconds', type=int, default=6, help='of each load')
    parser.add_argument('--rounds', type=int, default=3, help='visits to each server; medians count')
    parser.add_argument('--requests', type=int, default=300_000, help='of the soak')
    parser.add_argument('--llama-server', help='the program of llama.cpp')
    parser.add_argument('--gguf', help='its model: martlet convert writes one')
    arguments = parser.parse_args()
    if arguments.llama_server and not arguments.gguf:
        parser.error('--llama-server needs --gguf')
    sections = arguments.sections.split(',')
    unknown = set(sections) - set(SECTIONS)
    if unknown:
        parser.error(f'no section {", ".join(sorted(unknown))}; there are {", ".join(SECTIONS)}')
    run = Run(arguments)
    print(f'{datetime.date.today()}, {machine.description()}, {arguments.threads} threads\n')
    for section in sections:
        getattr(run, section)()


if __name__ == '__main__':
    main()
