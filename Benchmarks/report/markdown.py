"""Tables and numbers of the page."""


def number(value, digits=3):
    """As many decimals as `digits` figures need, thousands in groups."""
    if value is None:
        return '–'
    if abs(value) >= 10 ** (digits - 1):
        return f'{value:,.0f}'
    if value == 0:
        return '0'
    whole = len(str(int(abs(value)))) if abs(value) >= 1 else 0
    return f'{value:.{max(0, digits - max(whole, 1))}f}'


def cosine(value):
    """1 only where it is 1 to seven places; else enough nines to tell."""
    if value is None:
        return '–'
    if 1 - value < 5e-7:
        return '1.000000'
    return f'{value:.6f}' if value > 0.9999 else f'{value:.5f}'


def ratio(value):
    return '–' if value is None else f'{value:.2f} ×'


def divided(a, b):
    return a / b if a and b else None


def table(header, rows, left=1):
    if not rows:
        return []
    lines = ['| ' + ' | '.join(header) + ' |', '|' + '---|' * left + '---:|' * (len(header) - left)]
    lines += ['| ' + ' | '.join(str(cell) for cell in row) + ' |' for row in rows]
    return lines + ['']


def bold(row):
    return [f'**{cell}**' for cell in row]
