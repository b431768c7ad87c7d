"""The table of a run, to be asked for values."""
from harness import table
from harness.engines import HELD  # noqa: F401  for those who ask by class

WORKLOADS = ['short', 'para', 'doc']
# Precisions that compete: what their products read.
CLASSES = {'f32': '32-bit', 'bf16': '16-bit', 'f16': '16-bit', 'int8': '8-bit', 'q8_0': '8-bit', 'auto': '8-bit', 'q4': '4-bit'}
MODELS = {'minilm': 'all-MiniLM-L6-v2', 'bge-base': 'bge-base shape', 'bge-large': 'bge-large shape'}


class Results:
    def __init__(self, folder):
        self.rows = table.read(folder / 'results.csv')
        self.values = {}
        for row in self.rows:
            if row['value']:
                self.values[self._key(row) + (row['workload'], row['metric'])] = float(row['value'])

    @staticmethod
    def _key(row):
        return tuple(row[name] for name in ('model', 'engine', 'precision', 'settings'))

    def engines(self, model, settings=('best',), metric=None):
        """(engine, precision, settings) in the order of the registry, those that have the metric."""
        from harness.engines import ENGINES
        order = {(engine.name, engine.precision, engine.settings): number for number, engine in enumerate(ENGINES)}
        found = {self._key(row)[1:] for row in self.rows
                 if row['model'] == model and row['settings'] in settings and (metric is None or row['metric'] == metric and row['value'])}
        return sorted((key for key in found if key in order), key=order.get)

    def get(self, model, engine, workload, metric):
        """`engine` is (engine, precision, settings)."""
        return self.values.get((model, *engine, workload, metric))

    def version(self, engine):
        """All of them, where sections were measured again."""
        return ', '.join(sorted({row['version'] for row in self.rows if row['engine'] == engine and row['version']}))

    def failures(self):
        return [row for row in self.rows if row['metric'] == 'failed']

    def models(self):
        return [model for model in MODELS if any(row['model'] == model and row['metric'] == 'tokens/s' for row in self.rows)]


def label(engine):
    name, precision, settings = engine
    suffix = {'avx2': ', AVX2', 'avx_vnni': ', AVX-VNNI', 'defaults': ', as it comes'}.get(settings, '')
    return f'{name.replace("-Runtime", " Runtime")} {precision}{suffix}'.strip()
