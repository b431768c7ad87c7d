"""Shares of the machine's peak: the page's sections on the kernels alone."""
from .markdown import table

ENGINE = 'Martlet kernels'
PRECISIONS = ('f32', 'bf16', 'int8')
LENGTHS = (12, 82, 512)
ROWS = (1, 2, 4, 8, 32, 128, 512)


def _tables(results):
    """Instruction sets that were measured, the best first."""
    return list(dict.fromkeys(row['settings'] for row in results.rows if row['engine'] == ENGINE))


def whole(results):
    rows = []
    for isa in _tables(results):
        for precision in PRECISIONS:
            for length in LENGTHS:
                def figure(metric):
                    return results.get('minilm', (ENGINE, precision, isa), f'forward-{length}', metric)
                if figure('share of ceiling'):
                    rows.append([f'{isa} {precision}', str(length), f'{figure("share of ceiling"):.0f} %', f'{figure("products of peak"):.0f} %',
                                 *(f'{figure(part):.1f}' for part in ('products', 'attention', 'norm', 'quantise'))])
    if not rows:
        return []
    return ['## Share of the peak', '', 'One core. A whole forward pass of MiniLM over a group of texts, without the tokenizer, over the time that its '
            'arithmetic alone would take at the machine\'s peak: chains of the instruction that the inner loop of the products consists of, timed '
            'just before and just after each pass. The median pass counts. Then the products\' own share of the peak, and where the time goes, in per cent: '
            'both of other passes, beside those, that take the norms and the quantising of a product\'s output by themselves.', '',
            *table(['kernels', 'tokens a text', 'of the ceiling', 'products of the peak', 'products', 'attention', 'norm', 'quantise'], rows, left=2)]


def products(results):
    rows = []
    for isa in _tables(results):
        for precision in PRECISIONS:
            for suffix, text in (('', ''), ('-gelu', ' with bias and GELU')):
                shares = {m: [float(row['value']) for row in results.rows if row['engine'] == ENGINE and row['settings'] == isa
                              and row['precision'] == precision and row['workload'].startswith('products-')
                              and row['workload'].endswith('-gelu') == bool(suffix) and row['metric'] == f'M={m}'] for m in ROWS}
                if all(shares.values()):
                    rows.append([f'{isa} {precision}{text}', *(f'{min(each):.0f}–{max(each):.0f}' for each in shares.values())])
    if not rows:
        return []
    return ['The products alone, in per cent of that peak, by the number of rows: the least and the most of MiniLM\'s four shapes (1152 × 384, 384 × 384, '
            '1536 × 384, 384 × 1536), weights in the cache, rows as the library lays them out; medians of seven slices. A row or two is bound by '
            'reading the weights.', '',
            *table(['kernels', *(f'{m:,} row{"s" if m > 1 else ""}' for m in ROWS)], rows)]
