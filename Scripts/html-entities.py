"""Writes Sources/MartletHTML/EntityData.swift: HTML's named character references, as Python's html.entities lists them.
usage: html-entities.py OUT.swift
"""
import html.entities
import sys


def main(out):
    names = {name.rstrip(';'): value for name, value in html.entities.html5.items()}
    # These may be written without a semicolon.
    short = {name for name in html.entities.html5 if not name.endswith(';')}
    words = []
    for name, value in sorted(names.items()):
        words.append(f"{name}{'!' if name in short else ''} {'+'.join(f'{ord(c):x}' for c in value)}")
    lines, line = [], ' ' * 8
    for word in words:
        if len(line) + len(word) > 108:
            lines.append(line.rstrip())
            line = ' ' * 8
        line += word + ' '
    lines.append(line.rstrip())
    with open(out, 'w', encoding='utf-8') as file:
        file.write(f'''// Written by Scripts/html-entities.py. Do not edit.

enum EntityData {{
    /// Each name and its scalars in hexadecimal; `!` marks names that may be written without a semicolon.
    static let names = """
{chr(10).join(lines)}
        """
}}
''')
    print(len(words), 'names')


if __name__ == '__main__':
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
