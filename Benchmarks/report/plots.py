"""The pictures of a run, as small SVG files."""
import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402

from .results import CLASSES, HELD, MODELS, WORKLOADS, Results, label  # noqa: E402

MARTLET, PEER, FAINT, INK = '#d1495b', '#8da3b4', '#c9d3da', '#22313a'
MARKERS = {'32-bit': 'o', '16-bit': 's', '8-bit': '^', '4-bit': 'v'}
TITLES = {'short': 'short texts', 'para': 'paragraphs', 'doc': 'documents'}
plt.rcParams.update({
    'svg.fonttype': 'none', 'svg.hashsalt': 'martlet', 'font.family': 'sans-serif', 'font.size': 9, 'axes.spines.top': False,
    'axes.spines.right': False, 'axes.edgecolor': FAINT, 'axes.labelcolor': INK, 'text.color': INK, 'xtick.color': INK, 'ytick.color': INK,
    'axes.titlesize': 10, 'axes.titleweight': 'bold', 'figure.facecolor': 'white', 'savefig.facecolor': 'white', 'axes.axisbelow': True,
    'axes.grid': True, 'xtick.minor.size': 0, 'ytick.minor.size': 0, 'grid.color': '#e8edf0', 'grid.linewidth': 0.8, 'legend.frameon': False,
})


def colour(engine):
    return MARTLET if engine[0] == 'Martlet' else PEER


def _save(figure, folder, name):
    figure.savefig(folder / f'{name}.svg', metadata={'Date': None, 'Creator': None}, bbox_inches='tight')
    plt.close(figure)


def _bars(axes, names, values, colours, format, room=1.22, places=None):
    places = places or range(len(names))
    axes.barh(places, values, color=colours, height=0.72)
    axes.set_yticks(places, names)
    axes.set_ylim(max(places) + 0.6, -0.6)
    axes.grid(axis='y', visible=False)
    axes.tick_params(length=0)
    most = max(values, default=1)
    axes.set_xlim(0, most * room)
    for place, value in zip(places, values):
        axes.text(value + most * 0.015, place, format(value), va='center', fontsize=8)


def _thousands(value):
    return f'{value:,.0f}'


def throughput(results, model, folder, name, settings=('best', *HELD)):
    workloads = [workload for workload in WORKLOADS if any(results.get(model, engine, workload, 'tokens/s')
                                                           for engine in results.engines(model, settings))]
    engines = [engine for engine in results.engines(model, settings, 'tokens/s') if engine[1] != 'q4']
    if not workloads or not engines:
        return
    # One order for all panels: the fastest first, within a precision.
    order = list(dict.fromkeys(CLASSES.values()))

    def rank(engine):
        speeds = [results.get(model, engine, workload, 'tokens/s') or 0 for workload in workloads]
        return engine[2] in HELD, order.index(CLASSES[engine[1]]), -sum(speeds)
    engines.sort(key=rank)
    # A little room between precisions.
    groups = [rank(engine)[:2] for engine in engines]
    places = [place + 0.6 * len(set(groups[:place + 1])) - 0.6 for place in range(len(engines))]
    figure, panels = plt.subplots(1, len(workloads), figsize=(3.1 * len(workloads) + 1.4, 0.25 * places[-1] + 1.1), sharey=True, squeeze=False)
    for axes, workload in zip(panels[0], workloads):
        values = [results.get(model, engine, workload, 'tokens/s') or 0 for engine in engines]
        _bars(axes, [label(engine) for engine in engines], values, [colour(engine) for engine in engines], _thousands, 1.3, places)
        axes.set_title(f'{TITLES[workload]}, tokens/s', loc='left')
        axes.xaxis.set_major_locator(plt.MaxNLocator(3))
        axes.xaxis.set_major_formatter(lambda value, _: f'{value / 1000:g}k' if value else '0')
    figure.tight_layout()
    _save(figure, folder, name)


def accuracy(results, model, folder):
    """Speed against the worst cosine, on paragraphs."""
    workload = next((name for name in ('para', 'short', 'doc') if any(results.get(model, engine, name, 'worst cosine')
                                                                       for engine in results.engines(model))), None)
    if not workload:
        return
    figure, axes = plt.subplots(figsize=(7.2, 4.2))
    points = []
    for engine in results.engines(model, ('best',), 'tokens/s'):
        speed, worst = (results.get(model, engine, workload, metric) for metric in ('tokens/s', 'worst cosine'))
        if not speed or worst is None:
            continue
        # Closer than this is rounding.
        error = max(1 - worst, 1e-6)
        axes.scatter(error, speed, s=55, color=colour(engine), marker=MARKERS[CLASSES[engine[1]]], zorder=3)
        points.append((error, speed, label(engine)))
    axes.set_xscale('log')
    axes.set_ylim(0)
    top = axes.get_ylim()[1]
    # Labels that would lie over each other are moved apart, from below.
    taken = []
    for error, speed, name in sorted(points, key=lambda point: point[1]):
        height = speed
        while any(abs(height - other) < top * 0.042 and 1 / 30 < error / place < 30 for place, other in taken):
            height += top * 0.01
        taken.append((error, height))
        # Right of every point of the cluster.
        near = [place for place, other, _ in points if 1 / 4 < place / error < 4 and abs(other - height) < top * 0.08]
        beside = min(near, default=error)
        line = {'arrowstyle': '-', 'color': FAINT, 'shrinkA': 1, 'shrinkB': 4, 'relpos': (0, 0.5)} if height > speed else None
        axes.annotate(name, (error, speed), (beside / 1.4, height), fontsize=8, va='center', arrowprops=line)
    axes.invert_xaxis()
    axes.set_xlim(0.1, 2e-8)
    axes.set_xlabel('1 − worst cosine to sentence-transformers in fp32 (closer to the right)')
    axes.set_ylabel('tokens/s')
    axes.yaxis.set_major_formatter(lambda value, _: f'{value / 1000:g}k' if value else '0')
    axes.set_title(f'Speed and accuracy, {TITLES[workload]}', loc='left')
    _save(figure, folder, 'accuracy')


def latency(results, folder):
    engines = [engine for engine in results.engines('minilm', ('best',)) if results.get('minilm', engine, 'query', 'p50')]
    if not engines:
        return
    engines.sort(key=lambda engine: results.get('minilm', engine, 'query', 'p50'))
    figure, axes = plt.subplots(figsize=(7.2, 0.27 * len(engines) + 1))
    for place, engine in enumerate(engines):
        p50, p99 = (results.get('minilm', engine, 'query', metric) for metric in ('p50', 'p99'))
        axes.plot([p50, p99], [place, place], color=colour(engine), linewidth=2, alpha=0.5, zorder=2)
        axes.scatter(p50, place, s=45, color=colour(engine), zorder=3)
        axes.scatter(p99, place, s=45, facecolor='white', edgecolor=colour(engine), zorder=3)
        axes.annotate(f'{p50:.2f}', (p50, place), (-7, 0), textcoords='offset points', ha='right', va='center', fontsize=8)
        axes.annotate(f'{p99:.2f}', (p99, place), (7, 0), textcoords='offset points', va='center', fontsize=8)
    axes.set_yticks(range(len(engines)), [label(engine) for engine in engines])
    axes.invert_yaxis()
    axes.grid(axis='y', visible=False)
    axes.tick_params(length=0)
    axes.set_xscale('log')
    low, high = axes.get_xlim()
    axes.set_xlim(low / 1.6, high * 1.6)
    axes.xaxis.set_major_formatter(lambda value, _: f'{value:g}')
    axes.set_xlabel('milliseconds; full: p50, open: p99')
    axes.set_title('One query of 12 tokens, in a warm process', loc='left')
    _save(figure, folder, 'latency')


def memory(results, folder):
    engines = [engine for engine in results.engines('minilm', ('best',)) if results.get('minilm', engine, 'doc', 'peak memory')]
    workload = 'doc'
    if not engines:
        workload = 'para'
        engines = [engine for engine in results.engines('minilm', ('best',)) if results.get('minilm', engine, 'para', 'peak memory')]
    if not engines:
        return
    engines.sort(key=lambda engine: results.get('minilm', engine, workload, 'peak memory'))
    figure, axes = plt.subplots(figsize=(7.2, 0.27 * len(engines) + 0.8))
    values = [results.get('minilm', engine, workload, 'peak memory') for engine in engines]
    _bars(axes, [label(engine) for engine in engines], values, [colour(engine) for engine in engines], _thousands, room=1.1)
    axes.set_title(f'Peak memory of the process on {TITLES[workload]}, MiB', loc='left')
    _save(figure, folder, 'memory')


def scaling(results, folder):
    counts = sorted(int(row['workload'].removeprefix('lines-')) for row in results.rows
                    if row['workload'].startswith('lines-') and row['metric'] == 'tokens/s')
    if len(counts) < 2:
        return
    engine = ('Martlet', 'int8', 'best')
    costs = [1e6 / results.get('minilm', engine, f'lines-{count}', 'tokens/s') for count in counts]
    memories = sorted((int(row['workload'].removeprefix('lines-')), float(row['value'])) for row in results.rows
                      if row['workload'].startswith('lines-') and row['metric'] == 'peak memory' and row['value'])
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 2.5))
    left.plot(counts, costs, 'o-', color=MARTLET)
    left.set_title('Microseconds a token, int8', loc='left')
    left.set_ylim(0, max(costs) * 1.25)
    right.plot([count for count, _ in memories], [value for _, value in memories], 'o-', color=MARTLET)
    right.set_title('Peak memory of martlet embed, MiB', loc='left')
    right.set_ylim(0, max(value for _, value in memories) * 1.25)
    for axes in (left, right):
        axes.set_xscale('log')
        axes.set_xlabel('texts')
        axes.xaxis.set_major_formatter(lambda value, _: f'{value:,.0f}')
    figure.tight_layout()
    _save(figure, folder, 'scaling')


def write(folder):
    results = Results(folder)
    for old in folder.glob('*.svg'):
        old.unlink()
    for model in results.models():
        throughput(results, model, folder, 'throughput' if model == 'minilm' else f'throughput-{model}')
    accuracy(results, 'minilm', folder)
    latency(results, folder)
    memory(results, folder)
    scaling(results, folder)
