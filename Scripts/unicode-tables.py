"""Writes Sources/MartletTokenizers/Unicode/UnicodeData.swift. usage: unicode-tables.py OUT.swift   (needs: pip install tokenizers)

Every property is asked of the `tokenizers` library, one code point at a time, because its Rust crates follow several versions of
Unicode (punctuation and marks an older one than lowercase): Python's unicodedata would disagree on hundreds of code points.
unicodedata gives only the representatives of the combining classes, which are stable by Unicode's policy.
"""
import sys, unicodedata
import tokenizers
from tokenizers import Regex, normalizers as N, pre_tokenizers as P

POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def bert(**on):
    flags = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    return N.BertNormalizer(**{**flags, **on}).normalize_str


clean, chinese, strip = bert(clean_text=True), bert(handle_chinese_chars=True), bert(strip_accents=True)
lower, nfd, marks = N.Lowercase().normalize_str, N.NFD().normalize_str, N.StripAccents().normalize_str
numbers = P.Digits().pre_tokenize_str
pieces, words = P.BertPreTokenizer().pre_tokenize_str, P.Whitespace().pre_tokenize_str

representative = {}
for c in POINTS:
    # One that the library moves as well: it may follow an older version.
    if nfd('\u0345' + chr(c)) != '\u0345' + chr(c) or nfd(chr(c) + '\u0334') != chr(c) + '\u0334':
        representative.setdefault(unicodedata.combining(chr(c)), chr(c))
classes = sorted(k for k in representative if k)


def combining_class(s):
    """The class with which `s` keeps its order on both sides; 0 if it never moves."""
    if nfd(representative[classes[-1]] + s) == representative[classes[-1]] + s and nfd(s + representative[classes[0]]) == s + representative[classes[0]]:
        return 0
    for k in classes:
        r = representative[k]
        if nfd(r + s) == r + s and nfd(s + r) == s + r:
            return k
    raise SystemExit(f'no combining class for U+{ord(s):04X}')


nfc, nfkd = N.NFC().normalize_str, N.NFKD().normalize_str
flags, ccc, lowers, long_lowers, decompositions, compatible, compositions = {}, [], [], [], [], [], []
for c in POINTS:
    s = chr(c)
    split = len(pieces('a' + s + 'b'))
    bits = (1 if clean(s) == '' else 0) | (2 if split == 2 else 0) | (4 if split == 3 else 0) | (8 if strip(s) == '' else 0)
    bits |= 16 if chinese(s) != s else 0
    low, full = lower(s), nfd(s)
    if low != s:
        bits |= 32
        (lowers if len(low) == 1 else long_lowers).append((c, low))
    if full != s and not 0xAC00 <= c <= 0xD7A3:
        bits |= 64
        decompositions.append((c, full))
    if nfkd(s) != full:
        compatible.append((c, nfkd(s)))
    if not 0xAC00 <= c <= 0xD7A3 and len(full) > 1 and nfc(full) == s:
        first = nfc(full[:-1])
        assert len(first) == 1 and nfc(first + full[-1]) == s, hex(c)
        compositions.append((ord(first), ord(full[-1]), c))
    if full == s:
        k = combining_class(s)
        if k:
            bits |= 128
            ccc.append((c, k))
    bits |= 256 if len(words('a' + s + 'b')) == 1 else 0
    bits |= 512 if marks(s) == '' else 0
    bits |= 1024 if len(numbers('a' + s + 'b')) == 3 else 0
    if bits:
        flags[c] = bits
assert [c for c, _ in long_lowers] == [0x130] and long_lowers[0][1] == 'i\u0307', long_lowers
for c in range(0xAC00, 0xD7A4):
    assert nfd(chr(c)) == unicodedata.normalize('NFD', chr(c))


# What patterns of split pre-tokenizers mean by \p{..}, \s and \w: asked of the library's regex engine over all code points at once.
CATEGORIES = 'Cn Cc Cf Co Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs'.split()
everything = ''.join(map(chr, POINTS))


def matching(pattern):
    found = P.Split(Regex(f'{pattern}+'), 'removed', invert=True).pre_tokenize_str(everything)
    return [ord(c) for text, _ in found for c in text]


classes_of = {c: 0 for c in POINTS}
for index, name in enumerate(CATEGORIES[1:], 1):
    for c in matching(f'\\p{{{name}}}'):
        assert classes_of[c] == 0, hex(c)
        classes_of[c] = index
digits = set(matching('\\d'))
assert digits == {c for c, v in classes_of.items() if CATEGORIES[v] == 'Nd'}
for c in matching('\\s'):
    classes_of[c] |= 32
words_of = set(matching('[\\w]'))
# Outside of brackets the engine takes the superscripts and fractions of Latin-1 as well; RegexParser.swift adds them there.
assert set(matching('\\w')) - words_of == {0xB2, 0xB3, 0xB9, 0xBC, 0xBD, 0xBE}
for c in words_of:
    classes_of[c] |= 64


def runs(pairs):
    out = []
    for c, v in pairs:
        if out and out[-1][1] == c - 1 and out[-1][2] == v:
            out[-1][1] = c
        else:
            out.append([c, c, v])
    return out


def lower_runs():
    out = []  # first, last, step, lowercase of the first
    for c, s in lowers:
        if out:
            r = out[-1]
            step = c - r[1]
            if ord(s) - c == r[3] - r[0] and step in (1, 2) and (r[0] == r[1] or r[2] == step):
                r[1], r[2] = c, step
                continue
        out.append([c, c, 1, ord(s)])
    return out


def array(name, doc, rows):
    lines, line = [], ''
    for row in (row[i:i + 12] for row in rows for i in range(0, len(row), 12)):
        text = ', '.join(hex(v) if v > 9 else str(v) for v in row) + ','
        if len(line) + len(text) > 130:
            lines.append(line.rstrip())
            line = ''
        line += text + ' '
    lines.append(line.rstrip())
    return f'    /// {doc}\n    static let {name}: [UInt32] = [\n' + ''.join(f'        {l}\n' for l in lines) + '    ]\n'


body = '\n'.join([
    array('flags', 'First, last, flags.', runs(sorted(flags.items()))),
    array('combiningClasses', 'First, last, canonical combining class.', runs(ccc)),
    array('lowercase', 'First, last, step, lowercase of the first.', lower_runs()),
    array('decompositions', 'Code point, count, full canonical decomposition. Hangul syllables are computed.',
          [(c, len(s), *map(ord, s)) for c, s in decompositions]),
    array('compatible', 'Code point, count, full compatibility decomposition, where it is another than the canonical one.',
          [(c, len(s), *map(ord, s)) for c, s in compatible]),
    array('compositions', 'First, second, their primary composite, in order of the first and the second.', sorted(compositions)),
    array('categories', 'First, last, general category as the index in `categoryNames`, plus 32 for `\\s` and 64 for `[\\w]` of a pattern.',
          runs([(c, v) for c, v in classes_of.items() if v])),
])
open(sys.argv[1], 'w').write(f'''// Generated by Scripts/unicode-tables.py from tokenizers {tokenizers.__version__}. Do not edit.

enum UnicodeData {{
    static let categoryNames = "{' '.join(CATEGORIES)}"

{body}}}
''')
print(len(runs(sorted(flags.items()))), 'flag runs,', len(runs(ccc)), 'classes,', len(lower_runs()), 'lowercase,', len(decompositions), 'decompositions')
