"""Writes Sources/MartletChunking/Text/BoundaryData.swift.
usage: text-boundaries.py UCD OUT.swift   (UCD: a folder of the Unicode Character Database; Debian's unicode-data has /usr/share/unicode)

For each code point its Sentence_Break and Word_Break classes (Unicode Standard Annex 29), and whether it is white space.
"""
import re
import sys

# The order of these names is that of the enumerations in SentenceBreaks.swift and WordBreaks.swift.
SENTENCE = 'Other CR LF Sep Extend Format Sp Lower Upper OLetter Numeric ATerm SContinue STerm Close'.split()
WORD = ('Other CR LF Newline Extend ZWJ Format Katakana Hebrew_Letter ALetter Single_Quote Double_Quote MidNumLet MidLetter MidNum Numeric '
        'ExtendNumLet Regional_Indicator WSegSpace ExtPict ALetterExtPict').split()


def properties(path, wanted=None):
    """Code points and the value of a property, from a file of lines `first..last ; value # comment`."""
    found = {}
    with open(path, encoding='utf-8') as file:
        for line in file:
            match = re.match(r'([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*;\s*(\w+)', line)
            if match and (wanted is None or match[3] == wanted):
                for point in range(int(match[1], 16), int(match[2] or match[1], 16) + 1):
                    found[point] = match[3]
    return found


def main(ucd, out):
    sentence = properties(f'{ucd}/auxiliary/SentenceBreakProperty.txt')
    word = properties(f'{ucd}/auxiliary/WordBreakProperty.txt')
    pictures = properties(f'{ucd}/emoji/emoji-data.txt', 'Extended_Pictographic')
    spaces = properties(f'{ucd}/PropList.txt', 'White_Space')
    with open(f'{ucd}/auxiliary/SentenceBreakProperty.txt', encoding='utf-8') as file:
        version = re.search(r'-(\d+\.\d+\.\d+)\.txt', file.readline())[1]

    def value(point):
        kind = word.get(point, 'Other')
        if point in pictures:
            kind = {'Other': 'ExtPict', 'ALetter': 'ALetterExtPict'}[kind]
        return SENTENCE.index(sentence.get(point, 'Other')), WORD.index(kind), int(point in spaces)

    kinds, runs = [(0, 0, 0)], []
    for point in sorted({*sentence, *word, *pictures, *spaces}):
        pair = value(point)
        if pair not in kinds:
            kinds.append(pair)
        kind = kinds.index(pair)
        if runs and runs[-1][1] == point - 1 and runs[-1][2] == kind:
            runs[-1][1] = point
        else:
            runs.append([point, point, kind])
    flat, end = [], 0
    for first, last, kind in runs:
        flat += [first - end, last - first + 1, kind]
        end = last + 1

    def lines(values):
        text, line = [], ' ' * 8
        for item in values:
            if len(line) + len(str(item)) > 107:
                text.append(line.rstrip())
                line = ' ' * 8
            line += f'{item}, '
        return '\n'.join(text + [line.rstrip()])

    packed = [a | b << 8 | c << 16 for a, b, c in kinds]
    with open(out, 'w', encoding='utf-8') as file:
        file.write(f'''// Written by Scripts/text-boundaries.py from Unicode {version}. Do not edit.

enum BoundaryData {{
    static let unicodeVersion = "{version}"

    /// For each kind of code point: its Sentence_Break class, its Word_Break class << 8, and 1 << 16 for white space.
    static let kinds: [UInt32] = [
{lines(packed)}
    ]

    /// For each run of code points of one kind: distance from the end of the run before, length, index in `kinds`.
    static let runs: [UInt32] = [
{lines(flat)}
    ]
}}
''')
    print(f'Unicode {version}: {len(kinds)} kinds, {len(runs)} runs')


if __name__ == '__main__':
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
