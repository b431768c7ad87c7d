"""The run: make what is missing, measure the most valuable first, write JSON and Markdown after each visit."""
import argparse
import datetime
import importlib.metadata
import json
import os
import time
from pathlib import Path

from harness import machine, process
from harness.prepare import say

from . import agreement, measure, memory, report, texts
from .forms import Forms
from .rows import QUERY_MODEL, QUERY_ROWS, ROWS, chosen
from .shapes import MEASURED, SHAPES

# Texts of each length. Few, since a pass over a long one takes some engines half a minute.
COUNTS = {20: 64, 512: 4, 2048: 2, 8192: 1}
QUICK = {20: 4, 512: 1}


def arguments():
    def names(text):
        return [name for name in text.split(',') if name]
    parser = argparse.ArgumentParser(prog='Benchmarks/large/run')
    parser.add_argument('--models', type=names, default=MEASURED, metavar='A,B', help=', '.join(MEASURED))
    parser.add_argument('--engines', type=names, default=[], metavar='A,B', help=f'engines or rows: {", ".join(row.key for row in ROWS)}')
    parser.add_argument('--lengths', type=names, metavar='A,B', help='tokens a text. Default: 20,512,8192; 2048 where a model takes no more')
    parser.add_argument('--only', type=names, default=['speed', 'queries', 'memory'], metavar='A,B', help='speed, queries, memory')
    parser.add_argument('--quick', action='store_true', help='few texts of 20 and 512 tokens')
    parser.add_argument('--prepare', action='store_true', help='only make what a run needs')
    parser.add_argument('--resume', action='store_true', help='keep the visits of the last run, and make those that are missing')
    parser.add_argument('--again', action='store_true', help='try forms again that could not be made')
    parser.add_argument('--minutes', type=float, default=15, help='no visit starts later. Default: 15')
    parser.add_argument('--threads', type=int, default=min(2, machine.cores()), help='of every engine. Default: 2')
    parser.add_argument('--martlet', type=Path, metavar='PATH', help='a command that is built, in place of building it')
    parser.add_argument('--keep', action='store_true', help='keep the checkpoint of 1.5 billion parameters, 3 GB')
    parser.add_argument('--work', type=Path, required=True, help='folder of models and results')
    asked = parser.parse_args()
    for given, known in ((asked.models, MEASURED), (asked.engines, [name for row in ROWS for name in (row.key, row.engine.lower())]),
                         (asked.lengths or [], [str(count) for count in COUNTS]), (asked.only, ['speed', 'queries', 'memory'])):
        if wrong := set(given) - set(known):
            parser.error(f'{", ".join(sorted(wrong))}: expected some of {", ".join(dict.fromkeys(known))}')
    return asked


class Run:
    def __init__(self, asked):
        self.asked = asked
        self.forms = Forms(asked.work.resolve(), asked.martlet)
        self.output = asked.work.resolve() / ('large-quick.json' if asked.quick else 'large.json')
        self.vectors = self.forms.work / 'large-vectors'
        self.deadline = None
        kept = json.loads(self.output.read_text()) if asked.resume and self.output.exists() else {}
        self.result = {'date': datetime.date.today().isoformat(), 'machine': machine.description(), 'threads': asked.threads,
                       'load': os.getloadavg()[0], 'versions': {}, 'models': {}, 'queries': {}, **kept}

    def lengths(self, name):
        """Tokens of a text and number of texts; the longest is what the model takes."""
        counts = QUICK if self.asked.quick and not self.asked.lengths else COUNTS
        if self.asked.lengths:
            return {int(tokens): counts[int(tokens)] for tokens in self.asked.lengths if int(tokens) <= SHAPES[name].positions}
        return {tokens: count for tokens, count in counts.items() if tokens <= 512 or tokens == SHAPES[name].positions}

    def wants_memory(self):
        return 'memory' in self.asked.only and 'second' not in self.result.get('memory', {})

    def prepare(self):
        self.forms.preparation.build()
        tokenizer = self.forms.preparation.tokenizer(self.forms.preparation.minilm())
        texts.make(self.forms.work / 'large-texts', tokenizer, COUNTS)
        if self.asked.again:
            self.forms.forget_problems()
        for name in self.asked.models:
            self.forms.checkpoint(name)
            for row in chosen(self.asked.engines):
                self.forms.problem(name, row.form)
        if self.wants_memory() and not memory.lacks_disk(self.forms):
            self.forms.checkpoint(memory.MODEL)

    def measure(self):
        self.result['versions'] = versions(self.forms.preparation.martlet)
        self.deadline = time.monotonic() + 60 * self.asked.minutes
        first, *others = self.visits() if 'speed' in self.asked.only else [[], []]
        for planned in (first, None, *others):
            if planned is None:
                self.single()
                continue
            for name, tokens, count, row in planned:
                kept = self.result['models'].setdefault(name, {}).setdefault(row.key, {})
                self.visit(kept, str(tokens), f'{name} {row.key} {tokens}', name, row, lambda subject: measure.speed(
                    subject, self.forms.work / f'large-texts/{tokens}.jsonl', tokens, count,
                    agreement.file(self.vectors, name, subject.row.key, tokens)))
                self.compare(name)

    def compare(self, name):
        """With sentence-transformers, on the shortest texts that were measured."""
        for key, found in self.result['models'][name].items():
            measured = [int(tokens) for tokens, one in found.items() if tokens.isdigit() and 'seconds' in one]
            if measured and (cosine := agreement.least_cosine(self.vectors, name, key, min(measured))) is not None:
                found['cosine'] = cosine
        self.write()

    def visits(self):
        """(model, tokens, texts, row) model by model; long texts of the slowest engine come last of all, since each takes a minute."""
        planned = [[(name, tokens, count, row) for tokens, count in self.lengths(name).items() for row in chosen(self.asked.engines)]
                   for name in self.asked.models]

        def slow(visit):
            return visit[1] > 512 and visit[3].engine == 'llama.cpp'
        return [*([visit for visit in visits if not slow(visit)] for visits in planned),
                [visit for visits in planned for visit in reversed(visits) if slow(visit)]]

    def single(self):
        """Queries and memory, after the first model."""
        for row in chosen(QUERY_ROWS) if 'queries' in self.asked.only else []:
            self.visit(self.result['queries'], row.key, f'{QUERY_MODEL} {row.key} queries', QUERY_MODEL, row,
                       lambda subject: measure.query(subject, self.forms.work / 'large-texts/queries.txt'))
        if self.wants_memory():
            self.result['memory'] = memory.measure(self.forms, self.asked.threads, self.asked.keep)
            self.write()

    def visit(self, kept, key, title, name, row, call):
        """What `call` gives or why it gives nothing goes to `kept`, unless it is there."""
        if key in kept and not kept[key].get('late'):
            return
        began = time.monotonic()
        why = self.forms.problem(name, row.form)
        if began > self.deadline:
            kept[key] = {'problem': f'no time was left of {self.asked.minutes:.0f} minutes', 'late': True}
        elif why:
            kept[key] = {'problem': why}
        else:
            try:
                kept[key] = call(measure.Subject(row, self.forms.checkpoint(name), self.forms.exports(name), self.forms.preparation.martlet,
                                                 self.asked.threads))
            except process.Failed as error:
                kept[key] = {'problem': str(error)}
            kept[key]['visit_seconds'] = time.monotonic() - began
        say(f'{title}: {told(kept[key])}')
        self.write()

    def write(self):
        self.output.write_text(json.dumps(self.result, indent=1) + '\n')
        self.output.with_suffix('.md').write_text(report.markdown(self.result))


def versions(martlet):
    found = {'Martlet': process.run([martlet, '--version']).output.splitlines()[0]}
    for package in ('openvino', 'nncf', 'llama_cpp_python', 'sentence-transformers', 'torch', 'transformers', 'gguf'):
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = 'missing'
    return found


def told(found):
    if 'problem' in found:
        return found['problem']
    speed = f'{found["tokens_per_second"]:,.0f} tokens/s' if 'tokens_per_second' in found else f'p50 {found["p50_ms"]:.1f} ms'
    return f'{speed}, visit {found["visit_seconds"]:.0f} s'


def main():
    run = Run(arguments())
    os.environ['PYTHONPATH'] = str(Path(__file__).parents[1])
    # Packed weights go with the models that they are of.
    os.environ['MARTLET_WEIGHT_CACHE'] = str(run.forms.work / 'packed')
    run.prepare()
    if run.asked.prepare:
        return
    began = time.monotonic()
    run.measure()
    say(f'{(time.monotonic() - began) / 60:.1f} minutes; {run.output} and {run.output.with_suffix(".md")}')
    print(run.output.with_suffix('.md').read_text())


main()
