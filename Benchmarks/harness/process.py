"""Commands in processes of their own."""
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

CHILD = Path(__file__).with_name('child.py')
# Nothing may look for models on the network.
OFFLINE = {'HF_HUB_OFFLINE': '1', 'TRANSFORMERS_OFFLINE': '1', 'HF_HUB_DISABLE_TELEMETRY': '1', 'OPENVINO_TELEMETRY_OPT_OUT': '1'}


@dataclass
class Ended:
    seconds: float
    peak_bytes: int
    cpu_seconds: float
    output: str


class Failed(Exception):
    """A command that did not end well, with its last words."""


def run(command, environment=None, timeout=900):
    """Runs a command and returns its time, peak memory and stdout."""
    with tempfile.TemporaryDirectory() as folder:
        result, log, stdout = (os.path.join(folder, name) for name in ('result', 'log', 'stdout'))
        variables = {**os.environ, **OFFLINE, **(environment or {}), 'MARTLET_BENCH_STDOUT': stdout}
        subprocess.run([sys.executable, '-S', str(CHILD), result, str(timeout), log, *map(str, command)], env=variables)
        words = Path(log).read_text(errors='replace').strip() if os.path.exists(log) else ''
        if not os.path.exists(result):
            raise Failed(f'{command[0]}: could not be started: {words[-300:]}')
        ended = json.loads(Path(result).read_text())
        if ended['status']:
            why = f'stopped after {timeout:.0f} s' if ended['seconds'] >= timeout else f'status {ended["status"]}'
            last = [line for line in words.splitlines() if line.strip()]
            raise Failed(f'{why}: {last[-1][:300] if last else "no message"}')
        return Ended(ended['seconds'], ended['peak_bytes'], ended['cpu_seconds'], Path(stdout).read_text(errors='replace'))


def repeat(command, environment=None, seconds=1, most=9):
    """Runs a command again until that time is used, and returns the run in the middle: a short one is easily disturbed."""
    runs = []
    while len(runs) < most and sum(ended.seconds for ended in runs) < seconds:
        runs.append(run(command, environment))
    return sorted(runs, key=lambda ended: ended.seconds)[(len(runs) - 1) // 2]
