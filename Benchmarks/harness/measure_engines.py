"""Engines beside each other: throughput, latency, memory, cold starts. A visit is one process; rounds go A B C A B C."""
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import machine, process
from .engines import HELD
from .prepare import ROOT, say

MIB = 2**20


class Engines:
    def __init__(self, preparation, visits, engines, threads, rounds):
        self.preparation = preparation
        self.visits = visits
        self.engines = engines
        self.threads = threads
        self.rounds = rounds
        self.version = self._version()

    def _version(self):
        number = subprocess.run([self.preparation.martlet, '--version'], capture_output=True, text=True).stdout.split()[0]
        commit = subprocess.run(['git', 'describe', '--always'], cwd=ROOT, capture_output=True, text=True).stdout.strip()
        # Of what is not committed only the sources make another Martlet.
        if commit and subprocess.run(['git', 'diff', '--quiet', 'HEAD', '--', 'Sources', 'Package.swift'], cwd=ROOT).returncode:
            commit += '+'
        return f'{number} ({commit})' if commit else number

    def shown(self, command):
        """The command as somebody else would type it."""
        words = []
        for word in map(str, command):
            for path, name in ((self.preparation.martlet, 'martlet'), (sys.executable, 'python'), (self.preparation.work, '.benchmarks'),
                               (ROOT, '.')):
                word = word.replace(str(path), name)
            # What still lies elsewhere, such as temporary vectors, by its bare name.
            words.append(Path(word).name if word.startswith('/') else word)
        return ' '.join(words)

    def throughput(self, model, workloads, passes=3, queries=0, together=False):
        """All engines on some workloads: each in a process, or `together` in one."""
        for workload in workloads:
            self.visits.visit(f'{model.name}/corpus', workload.name, 0, lambda: [dict(
                model=model.name, engine='corpus', precision='', settings='', workload=workload.name, values={'texts': workload.texts})])
        groups = [list(workloads)] if together else [[workload] for workload in workloads]
        for group in groups:
            name = '-'.join(workload.name for workload in group)
            # Latency is measured in the process that is warm from the short texts.
            asked = queries if group[0].name == 'short' else 0
            for round in range(self.rounds):
                for engine in self.engines:
                    if engine.settings == 'defaults' and round > 0:
                        continue
                    say(f'{model.name} {name}, round {round + 1}: {engine.key}')
                    self.visits.visit(f'{model.name}/throughput/{name}', engine.key, round,
                                      lambda: self._throughput(engine, model, group, 1 if engine.settings == 'defaults' else passes, asked))

    def _throughput(self, engine, model, group, passes, queries):
        identity = dict(model=model.name, engine=engine.name, precision=engine.precision, settings=engine.settings)
        environment = self._environment(engine, model)
        command = []
        with tempfile.TemporaryDirectory() as folder:
            vectors = [Path(folder) / f'{workload.name}.npy' for workload in group]
            try:
                self._require(engine, model)
                if engine.is_martlet:
                    found, ended = self._martlet(engine, model, group, vectors, passes, queries, command)
                else:
                    command += self.peer(engine, model, max(workload.max_tokens for workload in group))
                    command += ['--texts', *(self.preparation.corpus / f'{workload.name}.jsonl' for workload in group)]
                    command += ['--limits', *(workload.texts for workload in group), '--vectors', *vectors, '--passes', passes]
                    if queries:
                        command += ['--queries-from', self.preparation.corpus / 'queries.txt', '--queries', queries]
                    ended = process.run(command, environment)
                    found = json.loads(ended.output.strip().splitlines()[-1])
                identity.update(version=found['version'], command=self.shown([*(f'{k}={v}' for k, v in environment.items()), *command]))
                records = [dict(identity, workload=workload.name, values=self._values(engine, model, workload, part, path))
                           for workload, part, path in zip(group, found['workloads'], vectors)]
            except (process.Failed, ValueError, LookupError, OSError) as error:
                return [dict(identity, workload=workload.name, values={'failed': None}, note=f'{error}', command=self.shown(command))
                        for workload in group]
        memory = {'peak memory': ended.peak_bytes / MIB, 'load': found['load_seconds']}
        records.append(dict(identity, workload='-'.join(workload.name for workload in group), values=memory))
        if queries:
            records.append(dict(identity, workload='query', values={'p50': found['p50_ms'], 'p99': found['p99_ms']}))
        return records

    def _require(self, engine, model):
        if engine.settings in HELD and not machine.has(engine.settings):
            raise process.Failed(f'this CPU has no {machine.FEATURES[engine.settings]}')
        if engine.export and not self.preparation.export(model, engine.export):
            raise process.Failed(self.preparation.problems[model.name, engine.export])

    def _environment(self, engine, model):
        return {name: value.format(exports=model.exports, path=os.environ['PYTHONPATH']) for name, value in engine.environment.items()}

    def peer(self, engine, model, max_tokens):
        command = [sys.executable, '-m', 'peers.worker', engine.module, '--precision', engine.loads or engine.precision, '--model', model.folder,
                   '--exports', model.exports, '--max-tokens', max_tokens, '--threads', self.threads]
        return command + (['--defaults'] if engine.settings == 'defaults' else [])

    def martlet(self, engine, model):
        """Arguments that load the model: the checkpoint with a precision, or what the command does by itself."""
        if engine.settings == 'defaults' and model.name == 'minilm':
            return []
        isa = ['--isa', engine.isa] if engine.isa else []
        return ['-m', model.folder, '--precision', engine.precision, '--threads', self.threads, *isa]

    def _martlet(self, engine, model, group, vectors, passes, queries, command):
        found, last = {'version': self.version, 'workloads': [], 'load_seconds': 0}, None
        for workload, path in zip(group, vectors):
            command[:] = [self.preparation.martlet, 'bench', *self.martlet(engine, model)]
            command += ['-f', self.preparation.corpus / f'{workload.name}.jsonl', '--limit', workload.texts]
            command += ['--max-tokens', workload.max_tokens, '--rounds', passes, '--vectors', path, '--json']
            if queries:
                command += ['--queries-from', self.preparation.corpus / 'queries.txt', '--queries', queries]
            ended = process.run(command)
            result = json.loads(ended.output)
            last = ended if last is None or ended.peak_bytes > last.peak_bytes else last
            found['workloads'].append({'rounds': result['corpus']['rounds'], 'tokens': result['corpus']['tokens']})
            found['load_seconds'] = result['load_ms'] / 1000
            found.update({name: result.get('query', {}).get(name) for name in ('p50_ms', 'p99_ms')})
        return found, last

    def _values(self, engine, model, workload, part, path):
        import numpy as np
        reference, tokens = self.preparation.reference(model, workload.name, workload.texts, workload.max_tokens)
        if part.get('tokens', tokens) != tokens:
            raise ValueError(f'{engine.key} counts {part["tokens"]} tokens, Hugging Face tokenizers {tokens}')
        seconds = statistics.median_low(part['rounds'])
        values = {'tokens/s': tokens / seconds, 'texts/s': workload.texts / seconds}
        if engine.checked:
            vectors = np.load(path).astype(np.float64)
            lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(reference.astype(np.float64), axis=1)
            cosines = (vectors * reference).sum(1) / lengths
            # A vector that is not a number is as wrong as can be.
            cosines = np.where(np.isfinite(cosines), cosines, -1)
            values.update({'worst cosine': float(cosines.min()), 'mean cosine': float(cosines.mean())})
        return values

    def cold(self, model, times):
        """Whole processes that embed one word and end, with their files in the page cache."""
        for round in range(times):
            for engine in self.engines:
                if engine.cold:
                    say(f'cold start, round {round + 1}: {engine.key}')
                    self.visits.visit(f'{model.name}/cold', engine.key, round, lambda: self._cold(engine, model))

    def _cold(self, engine, model):
        identity = dict(model=model.name, engine=engine.name, precision=engine.precision, settings=engine.settings, workload='cold')
        command = [self.preparation.martlet, 'embed', 'hello'] if engine.is_martlet else self.peer(engine, model, 256) + ['--hello']
        try:
            self._require(engine, model)
            # Once before those that count: what the system has dropped from its cache is read again.
            process.run(command, self._environment(engine, model))
            ended = process.repeat(command, self._environment(engine, model))
        except process.Failed as error:
            return [dict(identity, values={'failed': None}, note=str(error), command=self.shown(command))]
        return [dict(identity, version=self.version if engine.is_martlet else '', command=self.shown(command),
                     values={'wall': ended.seconds, 'peak memory': ended.peak_bytes / MIB})]
