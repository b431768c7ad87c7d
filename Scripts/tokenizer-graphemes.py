"""Writes Sources/MartletTokenizers/Unicode/GraphemeData.swift. usage: tokenizer-graphemes.py OUT.swift   (needs: pip install tokenizers regex)

The classes of grapheme clusters (Unicode Standard Annex 29) come from the module `regex`. Where its version of Unicode is not that of the
`tokenizers` library, the library decides: it is asked, by a charsmap that turns every cluster of fewer than six bytes into one letter.
"""
import random, struct, sys
import regex
from tokenizers import normalizers

OTHER, CONTROL, EXTEND, LINKER, ZWJ, NONJOINER, PREPEND, SPACING, L, V, T, PICTURE, CONSONANT, REGIONAL, LINKER_ONLY = range(15)


def letter_per_cluster():
    units = [0] * 768
    units[0] = 256 << 10
    for label in range(1, 256):
        slot = 256 ^ label
        units[slot] = (slot ^ 512) << 10 | 1 << 8 | label
    units[512] = 1 << 31
    trie = b''.join(struct.pack('<I', unit) for unit in units)
    return normalizers.Precompiled(struct.pack('<I', len(trie)) + trie + b'X\0')


reference = letter_per_cluster()
count = lambda text: len(reference.normalize_str(text))
scalars = ''.join(chr(c) for c in range(1, 0x110000) if not 0xD800 <= c <= 0xDFFF)
points = lambda pattern: {ord(match) for match in regex.findall(pattern, scalars)}

kinds = {}
for pattern, kind in [(r'\p{GCB=Control}|\p{GCB=CR}|\p{GCB=LF}', CONTROL), (r'\p{GCB=Extend}', EXTEND), (r'\p{GCB=ZWJ}', ZWJ), (r'\p{GCB=Prepend}', PREPEND),
                      (r'\p{GCB=SpacingMark}', SPACING), (r'\p{GCB=L}', L), (r'\p{GCB=V}', V), (r'\p{GCB=T}', T), (r'\p{ExtPict}', PICTURE),
                      (r'\p{GCB=Regional_Indicator}', REGIONAL)]:
    for point in points(pattern):
        assert kinds.setdefault(point, kind) == kind
linkers, extending = points(r'\p{InCB=Linker}'), points(r'\p{InCB=Extend}')
for point in points(r'\p{InCB=Consonant}'):
    assert kinds.setdefault(point, CONSONANT) == CONSONANT
for point, kind in list(kinds.items()):
    if kind == EXTEND and point not in extending:
        kinds[point] = LINKER if point in linkers else NONJOINER
for point in linkers:
    kinds.setdefault(point, LINKER_ONLY)

dropped = []
for point in map(ord, scalars):
    kind, c = kinds.get(point, OTHER), chr(point)
    joins = count('a' + c) == 1
    expected = kind in (EXTEND, LINKER, NONJOINER, ZWJ, SPACING)
    leads = count(c + 'a') == 1
    right = joins == expected and leads == (kind == PREPEND)
    if kind == PICTURE:
        right = count('\u00a9\u200d' + c + '\u0300') == 4
    if kind == CONSONANT and point < 0x10000:
        right = count('\u0915\u094d' + c + '\u0300') == 4
    if kind == LINKER and point < 0x10000:
        right = count('\u0915' + c + '\u0917\u0300') == 4
    if not right:
        assert not joins and not leads, hex(point)
        dropped.append(point)
        kinds.pop(point)


def clusters(text):
    """The rules, as Graphemes.swift has them."""
    result, picture, conjunct = [], False, 0
    previous = None
    for c in text:
        point = ord(c)
        kind = kinds.get(point, OTHER)
        if 0xAC00 <= point <= 0xD7A3:
            kind = 'LV' if (point - 0xAC00) % 28 == 0 else 'LVT'
        if previous is None:
            joins = False
        elif CONTROL in (previous, kind):
            joins = result[-1] == '\r' and c == '\n'
        elif kind in (EXTEND, LINKER, NONJOINER, ZWJ, SPACING) or previous == PREPEND:
            joins = True
        elif previous == L:
            joins = kind in (L, V, 'LV', 'LVT')
        elif previous in ('LV', V):
            joins = kind in (V, T)
        elif previous in ('LVT', T):
            joins = kind == T
        elif previous == ZWJ and picture and kind == PICTURE:
            joins = True
        else:
            joins = conjunct == 2 and kind == CONSONANT
        if joins:
            result[-1] += c
        else:
            result.append(c)
        picture = kind == PICTURE or picture and kind in (EXTEND, LINKER, NONJOINER, ZWJ)
        if kind == CONSONANT:
            conjunct = 1
        elif kind in (LINKER, LINKER_ONLY):
            conjunct = 2 if conjunct else 0
        elif kind not in (EXTEND, ZWJ):
            conjunct = 0
        previous = kind
    return result


random.seed(1)
lists = {}
for point, kind in kinds.items():
    lists.setdefault(kind, []).append(point)
pool = [lambda: random.choice(lists[random.choice(list(lists))]), lambda: random.choice([13, 10, 0x61, 0xA9, 0x915, 0x94D, 0x1100, 0x1161, 0x11A8, 0x200D, 0x300]),
        lambda: 0xAC00 + random.randrange(56), lambda: 0x61]
for _ in range(400_000):
    text = ''.join(chr(random.choice(pool)()) for _ in range(random.randrange(2, 8)))
    expected = sum(1 if len(c.encode()) < 6 else len(c) for c in clusters(text))
    assert count(text) == expected, (ascii(text), count(text), clusters(text))

# The charsmap ends a text at a NUL, so the library cannot be asked.
kinds[0] = CONTROL
runs = []
for point in sorted(kinds):
    if runs and runs[-1][1] == point - 1 and runs[-1][2] == kinds[point]:
        runs[-1][1] = point
    else:
        runs.append([point, point, kinds[point]])
# A run: how far it begins behind the one before, its length and its class, as three numbers.
flat, end = [], 0
for first, last, kind in runs:
    flat += [first - end, last - first + 1, kind]
    end = last + 1
lines, line = [], ' ' * 8
for value in flat:
    if len(line) + len(str(value)) > 138:
        lines.append(line.rstrip())
        line = ' ' * 8
    line += f'{value}, '
lines.append(line.rstrip())
with open(sys.argv[1], 'w') as f:
    f.write('// Written by Scripts/tokenizer-graphemes.py.\n\nenum GraphemeData {\n    /// For each run of code points of one class: distance from the end of the run before, '
            'length, class.\n    static let runs: [UInt32] = [\n' + '\n'.join(lines) + '\n    ]\n}\n')
print(len(runs), 'runs;', len(dropped), 'code points that the library does not know')
