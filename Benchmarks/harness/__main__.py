"""The run: prepare, measure, write the table, the plots and the page."""
import argparse
import datetime
import os
from pathlib import Path

from . import engines as registry
from . import machine, measure_kernels, table, workloads
from .measure_engines import Engines
from .measure_martlet import Martlet
from .prepare import ROOT, SHAPES, Preparation, say

SECTIONS = ['throughput', 'cold', 'tokenizer', 'threads', 'scaling', 'output', 'kernels']
QUICK = ['martlet-f32', 'martlet-bf16', 'martlet-int8', 'martlet-f32-avx2', 'openvino-f32', 'openvino-bf16', 'openvino-int8', 'onnx-runtime-f32',
         'onnx-runtime-int8', 'onnx-runtime-f32-avx2', 'fastembed-f32', 'llama.cpp-q8_0', 'sentence-transformers-f32', 'martlet-auto-defaults']


def arguments():
    def names(text):
        return [name for name in text.split(',') if name]
    parser = argparse.ArgumentParser(prog='Benchmarks/run', usage='Benchmarks/run [options]')
    parser.add_argument('--quick', action='store_true', help='few texts, one round, the main engines; results stay in the work folder')
    parser.add_argument('--engines', type=names, default=[], metavar='A,B', help='engines or their rows: martlet, openvino-int8 … (--list)')
    parser.add_argument('--workloads', type=names, default=[], metavar='A,B', help='short, para, doc')
    parser.add_argument('--models', type=names, default=['minilm'], metavar='A,B', help=f'minilm, {", ".join(SHAPES)}; default: minilm')
    parser.add_argument('--sections', type=names, default=SECTIONS, metavar='A,B', help=', '.join(SECTIONS))
    parser.add_argument('--rounds', type=int, help='visits to each engine; medians count. Default: 3, 2 for big models, 1 with --quick')
    parser.add_argument('--threads', type=int, default=min(2, machine.cores()), help='of every engine. Default: 2')
    parser.add_argument('--million', action='store_true', help='also the memory that a million texts take')
    parser.add_argument('--resume', action='store_true', help='go on with the run of the same day instead of measuring again')
    parser.add_argument('--martlet', metavar='PATH', help='a command that is built, in place of building it')
    parser.add_argument('--out', type=Path, help='where the results go; Benchmarks/results by default')
    parser.add_argument('--prepare', action='store_true', help='only make what a run needs')
    parser.add_argument('--report', action='store_true', help='measure nothing: write the table, plots and page again')
    parser.add_argument('--list', action='store_true', help='the rows that --engines takes')
    parser.add_argument('--work', type=Path, required=True, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    for given, known in ((asked.workloads, ['short', 'para', 'doc']), (asked.models, ['minilm', *SHAPES]), (asked.sections, SECTIONS)):
        if set(given) - set(known):
            parser.error(f'{",".join(given)}: expected some of {", ".join(known)}')
    return asked


def some(available, names):
    return {name: workload for name, workload in available.items() if not names or name in names}


def measure_minilm(asked, preparation, visits, rounds):
    size = workloads.QUICK if asked.quick else workloads.FULL
    model = preparation.model('minilm')
    used = some(size.workloads, asked.workloads)
    limits = {name: workload.max_tokens for name, workload in size.workloads.items()}
    names = asked.engines or (QUICK if asked.quick else [])
    engines = Engines(preparation, visits, registry.chosen(names), asked.threads, rounds)
    martlet = Martlet(engines, model)
    if 'throughput' in asked.sections:
        engines.throughput(model, list(used.values()), queries=size.queries)
    if 'cold' in asked.sections:
        engines.cold(model, size.colds)
    if 'tokenizer' in asked.sections:
        martlet.tokenizer(some(size.tokenizer, asked.workloads), limits, rounds)
    if 'threads' in asked.sections:
        martlet.threads(used, rounds)
    if 'scaling' in asked.sections:
        martlet.scaling(size.scaling, rounds)
    if asked.million:
        martlet.million()
    if 'output' in asked.sections:
        martlet.output(some(size.output, asked.workloads), limits, rounds)
    if 'kernels' in asked.sections:
        measure_kernels.measure(visits, rounds, 0.5 if asked.quick else 2)


def measure_shape(name, asked, preparation, visits, rounds):
    sizes = workloads.SHAPES_QUICK if asked.quick else workloads.SHAPES
    chosen = [engine for engine in registry.chosen(asked.engines) if engine.shapes]
    engines = Engines(preparation, visits, chosen, asked.threads, rounds)
    engines.throughput(preparation.model(name), list(some(sizes[name], asked.workloads).values()), passes=1, together=True)


def prepare(asked, preparation):
    """All slow preparation before the first measurement."""
    preparation.build()
    preparation.make_corpus()
    for name in asked.models:
        model = preparation.model(name)
        chosen = registry.chosen(asked.engines or (QUICK if asked.quick and name == 'minilm' else []))
        for format in dict.fromkeys(engine.export for engine in chosen if engine.export and (engine.shapes or name == 'minilm')):
            preparation.export(model, format)
        size = workloads.QUICK if asked.quick else workloads.FULL
        shapes = workloads.SHAPES_QUICK if asked.quick else workloads.SHAPES
        for workload in (size.workloads if name == 'minilm' else shapes[name]).values():
            preparation.reference(model, workload.name, workload.texts, workload.max_tokens)


def main():
    asked = arguments()
    if asked.list:
        print('\n'.join(engine.key for engine in registry.ENGINES))
        return
    os.environ['PYTHONPATH'] = str(Path(__file__).parents[1])
    name = f'{datetime.date.today().isoformat()}-{machine.slug()}' + ('-quick' if asked.quick else '')
    if asked.report:
        runs = sorted(path.name for path in (asked.work / 'visits').glob('*') if path.name.endswith('-quick') == asked.quick)
        if not runs:
            raise SystemExit('--report: nothing has been measured')
        name = runs[-1]
    raw = asked.work / 'visits' / name
    visits = table.Visits(raw, asked.resume)
    preparation = Preparation(asked.work, asked.martlet)
    if not asked.report:
        prepare(asked, preparation)
        if asked.prepare:
            return
        load = os.getloadavg()[0]
        if load > 0.5:
            say(f'the machine is not quiet: load {load:.1f}')
        visits.visit('run', 'run', 0, lambda: [dict(engine='run', workload='run', values={'threads': asked.threads, 'load average': load})])
        for model in asked.models:
            if model == 'minilm':
                measure_minilm(asked, preparation, visits, asked.rounds or (1 if asked.quick else 3))
            else:
                measure_shape(model, asked, preparation, visits, asked.rounds or (1 if asked.quick else 2))
    out = asked.out or (asked.work / 'results' if asked.quick else ROOT / 'Benchmarks/results')
    table.write(out / name / 'results.csv', table.rows(visits, machine.description(), name[:10]))
    from report import page, plots
    plots.write(out / name)
    where = asked.work / 'BENCHMARKS.md' if asked.quick or asked.out else ROOT / 'docs/BENCHMARKS.md'
    page.write(out / name, where)
    say(f'{out / name / "results.csv"}\n{where}')


main()
