"""Where Martlet stands to the best peer of each precision, ahead and behind."""
from .markdown import bold, cosine, divided, number, ratio, table
from .results import CLASSES, HELD, WORKLOADS, label


def _best_peer(results, model, engine, workload, metric, highest=True):
    """(value, engine) of the best peer in the engine's class."""
    found = [(results.get(model, other, workload, metric), other) for other in results.engines(model, (engine[2],), metric)
             if other[0] != 'Martlet' and CLASSES[other[1]] == CLASSES[engine[1]] and results.get(model, other, workload, metric)]
    return (max if highest else min)(found, key=lambda pair: pair[0], default=(None, None))


def ratios(results, model='minilm'):
    rows = []
    for engine in results.engines(model, ('best', *HELD), 'tokens/s'):
        if engine[0] != 'Martlet':
            continue
        row = [label(engine)]
        for workload in WORKLOADS:
            own = results.get(model, engine, workload, 'tokens/s')
            value, peer = _best_peer(results, model, engine, workload, 'tokens/s')
            row.append(f'{own / value:.2f} × {label(peer)}' if own and value else '–')
        rows.append(row)
    if all(cell == '–' for row in rows for cell in row[1:]):
        return []
    heading = ['### Martlet over the fastest peer of the same precision', ''] if model == 'minilm' else ['Over the fastest peer:', '']
    return [*heading, *table(['', *WORKLOADS], rows)]


# What is compared: the name, metric, where, whether more is better, how a value is written, and by how much one has to be ahead.
COMPARED = [
    ('tokens/s', 'tokens/s', WORKLOADS, True, lambda value: f'{value:,.0f}', 1.0),
    ('p50 of one query, ms', 'p50', ['query'], False, number, 1.0),
    ('p99 of one query, ms', 'p99', ['query'], False, number, 1.0),
    ('peak memory, MiB', 'peak memory', WORKLOADS, False, number, 1.0),
]


def _behind(results):
    for model in results.models():
        for engine in results.engines(model, ('best', *HELD)):
            if engine[0] != 'Martlet':
                continue
            for name, metric, workloads, highest, write, margin in COMPARED:
                for workload in workloads:
                    own = results.get(model, engine, workload, metric)
                    value, peer = _best_peer(results, model, engine, workload, metric, highest)
                    if own and value and (value > own * margin if highest else own > value * margin):
                        yield [label(engine), f'{name}, {workload}' if workload != 'query' else name, write(own), f'{write(value)} {label(peer)}',
                               model]
            yield from _less_exact(results, model, engine)


def _less_exact(results, model, engine):
    """Peers of the class that are closer to the reference by more than rounding, on all workloads together."""
    if model != 'minilm' or engine[2] != 'best':
        return
    for metric in ('worst cosine', 'mean cosine'):
        def least(other):
            return min((value for value in (results.get(model, other, workload, metric) for workload in WORKLOADS) if value is not None), default=None)
        own = least(engine)
        for other in results.engines(model, ('best',), metric):
            if other[0] != 'Martlet' and CLASSES[other[1]] == CLASSES[engine[1]] and own is not None and least(other) - own > 1e-6:
                yield [label(engine), metric, cosine(own), f'{cosine(least(other))} {label(other)}', model]


def losses(results):
    rows = list(_behind(results))
    if not results.models():
        return []
    lines = ['## What Martlet loses', '']
    if not rows:
        return lines + ['Nothing that this run measured against a peer of the same precision.', '']
    return lines + ['Every figure of this run in which a peer of the same precision (32, 16 or 8 bits) is ahead.', '',
                    *table(['', 'figure', 'Martlet', 'best peer', 'model'], rows, left=5)]
