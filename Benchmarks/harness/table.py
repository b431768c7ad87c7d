"""What was measured, visit by visit, and the table that is made of it."""
import csv
import json
import statistics
from pathlib import Path

COLUMNS = ['model', 'engine', 'version', 'precision', 'settings', 'workload', 'metric', 'value', 'unit', 'rounds', 'machine', 'date', 'command',
           'note']
UNITS = {'tokens/s': 'tokens/s', 'texts/s': 'texts/s', 'p50': 'ms', 'p99': 'ms', 'peak memory': 'MiB', 'load': 's', 'wall': 's',
         'worst cosine': '', 'mean cosine': '', 'failed': '', 'tokens': 'tokens', 'texts': 'texts', 'size': 'MiB',
         **dict.fromkeys(('share of ceiling', 'products of peak', 'products', 'attention', 'norm', 'quantise'), '%'),
         **{f'M={m}': '%' for m in (1, 2, 4, 8, 32, 128, 512, 2048)}}
# A cosine is no matter of luck: the worst of all visits counts.
LEAST = {'worst cosine'}


class Visits:
    """A file for each visit to an engine, so that an interrupted run can go on."""

    def __init__(self, folder, resume):
        self.folder = folder
        self.resume = resume
        self.started = set()

    def visit(self, section, name, round, measure):
        """Runs `measure` unless its result is there; it returns records, each {identity…, values}."""
        folder = self.folder / section
        if not self.resume and folder not in self.started and folder.exists():
            for old in folder.glob('*.json'):
                old.unlink()
        self.started.add(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f'{name}.{round}.json'
        if path.exists():
            return
        records = measure()
        partial = path.with_suffix('.partial')
        partial.write_text(json.dumps(records, indent=1))
        partial.rename(path)

    def records(self):
        for path in sorted(self.folder.rglob('*.json')):
            yield from json.loads(path.read_text())


def _number(value):
    return f'{value:.7g}'


def rows(visits, machine, date):
    """Medians over the rounds, a row for each metric."""
    groups = {}
    for record in visits.records():
        for metric, value in record['values'].items():
            key = tuple(record.get(name, '') for name in ('model', 'engine', 'precision', 'settings', 'workload')) + (metric,)
            groups.setdefault(key, []).append((value, record))
    for (model, engine, precision, settings, workload, metric), found in groups.items():
        values = [value for value, _ in found if value is not None]
        last = found[-1][1]
        value = '' if not values else _number(min(values) if metric in LEAST else statistics.median(values))
        yield dict(model=model, engine=engine, version=last.get('version', ''), precision=precision, settings=settings, workload=workload,
                   metric=metric, value=value, unit=UNITS.get(metric, ''), rounds=len(found), machine=machine, date=date,
                   command=last.get('command', ''), note=last.get('note', ''))


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'w', newline='') as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator='\n')
        writer.writeheader()
        writer.writerows(rows)


def read(path):
    with open(path, newline='') as file:
        return list(csv.DictReader(file))
