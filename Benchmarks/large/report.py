"""What was measured, as Markdown."""
from .rows import QUERY_MODEL, ROWS
from .shapes import SHAPES

NOTES = '''\
Weights are random and tables of embeddings smaller than the published ones. Texts of one set have the same number of tokens. llama.cpp is the
PyPI package llama-cpp-python, compiled for this CPU; it reads what `martlet convert` wrote, Gemma's what the package gguf wrote, and Q4_K_M
what llama.cpp made of f16. OpenVINO's int8 is NNCF's, with bf16 between the products. The worst cosine is that with
sentence-transformers on the shortest texts. – was not measured.'''


def figure(value):
    return f'{value:,.0f}' if value >= 100 else f'{value:.1f}'


def markdown(result):
    parts = [f'# Large models and long texts\n\n{result["date"]}, {result["machine"]}, {result["threads"]} threads, load {result["load"]:.1f} at '
             f'the start. Tokens a second, medians of the passes.\n\n{NOTES}\n\n{versions(result["versions"])}\n']
    parts += [table(name, visits) for name, visits in result['models'].items()]
    if result.get('queries'):
        parts.append(queries(result['queries']))
    if result.get('memory'):
        parts.append(memory(result['memory']))
    return '\n'.join(parts)


def versions(found):
    return ', '.join(f'{name} {version}' for name, version in found.items()) + '.'


def value(visits, key, tokens):
    return visits.get(key, {}).get(str(tokens), {}).get('tokens_per_second')


def table(name, visits):
    lengths = sorted({int(tokens) for row in visits.values() for tokens in row if tokens.isdigit()})
    long = lengths[-1]
    header = ['engine', 'precision', *(f'{tokens:,} tokens' for tokens in lengths)]
    if len(lengths) > 1:
        header.append(f'cost of a token, {long:,} over {lengths[-2]:,}')
    header.append('worst cosine')
    lines = [f'## {SHAPES[name].published}\n', f'| {" | ".join(header)} |', '|---' * len(header) + '|']
    problems = []
    for row in ROWS:
        if row.key not in visits:
            continue
        found = [value(visits, row.key, tokens) for tokens in lengths]
        cells = [row.engine, row.precision, *(figure(one) if one else '–' for one in found)]
        if len(lengths) > 1:
            cells.append(f'{found[-2] / found[-1]:.2f}' if found[-1] and found[-2] else '–')
        cosine = visits[row.key].get('cosine')
        cells.append(f'{cosine:.4f}' if cosine else '–')
        lines.append(f'| {" | ".join(cells)} |')
        reasons = {one['problem']: None for one in visits[row.key].values() if isinstance(one, dict) and 'problem' in one}
        problems += [f'- {row.engine} {row.precision}: {why}' for why in reasons]
    ours, theirs = ([value(visits, key, tokens) for tokens in lengths] for key in ('martlet-int8', 'openvino-int8'))
    if any(ours) and any(theirs):
        ratios = [f'{a / b:.2f}' if a and b else '–' for a, b in zip(ours, theirs)]
        lines.append(f'| **Martlet over OpenVINO** | **int8** | {" | ".join(ratios)} |' + ' |' * (len(header) - 2 - len(lengths)))
    return '\n'.join([*lines, '', *problems, ''])


def queries(found):
    lines = [f'## One query of 12 tokens, {SHAPES[QUERY_MODEL].published}\n', '| engine | precision | p50 ms | p99 ms |', '|---|---|---|---|']
    for row in ROWS:
        if one := found.get(row.key):
            lines.append(f'| {row.engine} | {row.precision} | {one["p50_ms"]:.1f} | {one["p99_ms"]:.1f} |' if 'p50_ms' in one else
                         f'| {row.engine} | {row.precision} | {one["problem"]} | – |')
    peer = found.get('llama.cpp-q4_0', {}).get('p50_ms')
    for key in ('martlet-int8', 'martlet-int4'):
        if peer and (own := found.get(key, {}).get('p50_ms')):
            lines.append(f'\nllama.cpp Q4_0 takes {peer / own:.2f} × the time of {key}.')
    return '\n'.join([*lines, ''])


def memory(found):
    lines = ['## Peak memory of 1.5 billion parameters in int4\n']
    if 'parameters' in found:
        lines.append(f'`martlet embed`, one text, {SHAPES[found["model"]].published}, {found["parameters"] / 1e9:.2f} billion parameters; resident '
                     'pages of mapped files are counted.\n\n| start | peak MiB | seconds |\n|---|---|---|')
        lines += [f'| {start} | {found[start]["peak_bytes"] / 2**20:,.0f} | {found[start]["seconds"]:.1f} |'
                  for start in ('first', 'second') if start in found]
    if 'packed_bytes' in found:
        lines.append(f'\nThe packed weights take {found["packed_bytes"] / 2**20:,.0f} MiB on disk.')
    if 'problem' in found:
        lines.append(f'\nNot measured: {found["problem"]}')
    return '\n'.join([*lines, ''])
