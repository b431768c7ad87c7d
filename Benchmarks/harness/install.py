"""Installs the requirements once: all together, and one by one if that fails, so that one engine that has no build for this machine costs
only its own rows. usage: install.py REQUIREMENTS ENVIRONMENT"""
import hashlib
import subprocess
import sys
from pathlib import Path


def pip(*arguments):
    return subprocess.run([sys.executable, '-m', 'pip', 'install', '--quiet', *arguments]).returncode == 0


def install(requirements, environment):
    text = requirements.read_text()
    stamp = environment / 'martlet-requirements.sha256'
    digest = hashlib.sha256(text.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    print('installing the engines; the first time takes some minutes', file=sys.stderr)
    if not pip('-r', str(requirements)):
        for line in text.splitlines():
            name = line.split('#')[0].strip()
            # A build without the local label is on PyPI.
            if name and not pip(name) and not pip(name.split('+')[0]):
                print(f'{name}: could not be installed; its rows will say so', file=sys.stderr)
    stamp.write_text(digest)


install(Path(sys.argv[1]), Path(sys.argv[2]))
