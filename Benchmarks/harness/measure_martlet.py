"""Martlet alone: its tokenizer, threads, growth of the corpus, and what writing results costs."""
import json
import statistics
import sys
import tempfile
from pathlib import Path

from . import process
from .measure_engines import MIB
from .prepare import say

PRECISIONS = ('f32', 'bf16', 'int8')
FORMATS = ('jsonl', 'npy', 'f32', 'csv')


class Martlet:
    def __init__(self, engines, model):
        self.engines = engines
        self.preparation = engines.preparation
        self.visits = engines.visits
        self.model = model

    def _record(self, precision, settings, workload, values, command, **more):
        return dict(model=self.model.name, engine='Martlet', version=self.engines.version, precision=precision, settings=settings,
                    workload=workload, values=values, command=self.engines.shown(command), **more)

    def _bench(self, *arguments):
        command = [self.preparation.martlet, 'bench', '-m', self.model.folder, '--json', *arguments]
        return json.loads(process.run(command).output), command

    def tokenizer(self, texts, max_tokens, rounds):
        """One thread each, the same texts and limit."""
        def measure(name, count):
            path = self.preparation.corpus / f'{name}.jsonl'
            result, command = self._bench('-f', path, '--limit', count, '--max-tokens', max_tokens[name], '--tokenize-only', '--rounds', 7)
            own = result['tokenizer']
            other = [sys.executable, '-m', 'peers.tokenizers_speed', self.model.folder / 'tokenizer.json', path, count, max_tokens[name], 3]
            peer = json.loads(process.run(other).output)
            if peer['tokens'] != own['tokens']:
                raise process.Failed(f'{own["tokens"]} tokens, Hugging Face tokenizers {peer["tokens"]}')
            return [
                self._record('', 'best', f'tokenizer-{name}', {'tokens/s': own['tokens_per_second']}, command),
                dict(model=self.model.name, engine='HF tokenizers', version=peer['version'], precision='', settings='best',
                     workload=f'tokenizer-{name}', values={'tokens/s': peer['tokens'] / statistics.median_low(peer['rounds'])},
                     command=self.engines.shown(other)),
            ]
        for round in range(rounds):
            for name, count in texts.items():
                self._visit('tokenizer', name, round, lambda: measure(name, count), '', f'tokenizer-{name}')

    def _visit(self, section, name, round, measure, precision, workload):
        def careful():
            try:
                return measure()
            except process.Failed as error:
                return [self._record(precision, 'best', workload, {'failed': None}, [], note=str(error))]
        say(f'{section} {name}, round {round + 1}')
        self.visits.visit(f'{self.model.name}/{section}', name, round, careful)

    def threads(self, workloads, rounds):
        """One thread and all of them in turn."""
        def measure(workload, precision, threads):
            result, command = self._bench(
                '-f', self.preparation.corpus / f'{workload.name}.jsonl', '--limit', workload.texts, '--max-tokens', workload.max_tokens,
                '--precision', precision, '--threads', threads)
            return [self._record(precision, f'threads={threads}', f'threads-{workload.name}',
                                 {'tokens/s': result['corpus']['tokens_per_second']}, command)]
        for workload in workloads.values():
            for round in range(rounds):
                for precision in PRECISIONS:
                    for threads in (1, self.engines.threads):
                        self._visit('threads', f'{workload.name}-{precision}-{threads}', round,
                                    lambda: measure(workload, precision, threads), precision, f'threads-{workload.name}')

    def _lines(self, count):
        """A file of that many lines; the corpus is repeated if it is shorter."""
        path = self.preparation.work / 'corpus' / f'lines-{count}.txt'
        if not path.exists():
            lines = (self.preparation.corpus / 'lines.txt').read_text().splitlines()
            path.write_text('\n'.join((lines * (count // len(lines) + 1))[:count]) + '\n')
        return path

    def scaling(self, counts, rounds):
        """Cost of a token in process, in one call, by the number of texts; memory of the command, which reads a stream."""
        def speed(count):
            repeats = max(1, min(9, 20_000 // count))
            result, command = self._bench('-f', self._lines(count), '--input', 'lines', '--precision', 'int8', '--threads',
                                          self.engines.threads, '--rounds', repeats)
            return [self._record('int8', 'best', f'lines-{count}', {'tokens/s': result['corpus']['tokens_per_second'],
                                                                   'tokens': result['corpus']['tokens']}, command)]
        for round in range(rounds):
            # A long measurement needs no repetition.
            for count in (count for count in counts if round == 0 or count < 100_000):
                self._visit('scaling', f'speed-{count}', round, lambda: speed(count), 'int8', f'lines-{count}')
        for count in counts:
            self._visit('scaling', f'memory-{count}', 0, lambda: self._memory(count), 'auto', f'lines-{count}')

    def million(self):
        self._visit('million', 'memory', 0, lambda: self._memory(1_000_000), 'auto', 'lines-1000000')

    def _memory(self, count):
        with tempfile.TemporaryDirectory() as folder:
            command = [self.preparation.martlet, 'embed', '-f', self._lines(count), '--input', 'lines', '-q', '-o', Path(folder) / 'vectors.f32']
            ended = process.run(command, timeout=3600)
        return [self._record('auto', 'command', f'lines-{count}', {'peak memory': ended.peak_bytes / MIB, 'wall': ended.seconds,
                                                                   'texts/s': count / ended.seconds}, command)]

    def output(self, texts, max_tokens, rounds):
        """The whole command, JSONL in, by what comes out; in turn the forward pass alone, and the command on one text."""
        def forward(name, count):
            result, command = self._bench('-f', self.preparation.corpus / f'{name}.jsonl', '--limit', count, '--max-tokens', max_tokens[name],
                                          '--precision', 'int8', '--threads', self.engines.threads)
            return [self._record('int8', 'forward', f'output-{name}', {'wall': result['corpus']['seconds'],
                                                                       'tokens': result['corpus']['tokens']}, command)]

        def whole(name, count, format):
            path = self.preparation.work / 'corpus' / f'{name}-{count}.jsonl'
            if not path.exists():
                with open(self.preparation.corpus / f'{name}.jsonl') as file:
                    path.write_text(''.join(line for line, _ in zip(file, range(count))))
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / f'out.{format}'
                command = [self.preparation.martlet, 'embed', '-m', self.model.folder, '-f', path, '-q', '--format', format, '-o', out,
                           '--max-tokens', max_tokens[name], '--precision', 'int8', '--threads', self.engines.threads]
                ended = process.run(command)
                return ended.seconds, out.stat().st_size / MIB, command

        def corpus(name, count, format):
            seconds, size, command = whole(name, count, format)
            return [self._record('int8', format, f'output-{name}', {'wall': seconds, 'size': size}, command)]

        def one(name):
            runs = [whole(name, 1, 'f32') for _ in range(5)]
            return [self._record('int8', 'one text', f'output-{name}', {'wall': statistics.median(seconds for seconds, _, _ in runs)}, runs[0][2])]

        for name, count in texts.items():
            for round in range(rounds):
                self._visit('output', f'{name}-forward', round, lambda: forward(name, count), 'int8', f'output-{name}')
                self._visit('output', f'{name}-one', round, lambda: one(name), 'int8', f'output-{name}')
                for format in FORMATS:
                    self._visit('output', f'{name}-{format}', round, lambda: corpus(name, count, format), 'int8', f'output-{name}')
