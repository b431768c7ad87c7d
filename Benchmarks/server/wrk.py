"""One text to a request, by wrk."""
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

# Each connection asks for the next text; a body is a line of the file.
SCRIPT = '''
local bodies = {}
for line in io.lines("%s") do bodies[#bodies + 1] = line end
local headers = { ["Content-Type"] = "application/json" }
local requests, next = {}, 0
init = function() for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", "%s", headers, body) end end
request = function() next = next %% #requests + 1; return requests[next] end
'''
UNITS = {'us': 1e-3, 'ms': 1.0, 's': 1e3}


@dataclass
class Load:
    requests_per_second: float
    p50: float
    p99: float
    """Milliseconds."""
    requests: int


def load(url, texts, connections, seconds, path='/v1/embeddings'):
    if shutil.which('wrk') is None:
        raise SystemExit('wrk is not here; it is in Debian\'s package of that name')
    with tempfile.TemporaryDirectory() as folder:
        bodies = Path(folder) / 'bodies'
        bodies.write_text(''.join(json.dumps({'input': text, 'model': 'all-MiniLM-L6-v2', 'encoding_format': 'base64'}) + '\n' for text in texts))
        script = Path(folder) / 'load.lua'
        script.write_text(SCRIPT % (bodies, path))
        output = subprocess.run(['wrk', '-t1', f'-c{connections}', f'-d{seconds}s', '--timeout', '60s', '--latency', '-s', script, url],
                                capture_output=True, text=True, check=True).stdout
    wrong = re.search(r'(Non-2xx.*|Socket errors.*)', output)
    if wrong:
        raise SystemExit(f'{url}: {wrong.group(1)}')

    def latency(percent):
        value, unit = re.search(rf'{percent}%\s+([\d.]+)(us|ms|s)', output).groups()
        return float(value) * UNITS[unit]
    return Load(float(re.search(r'Requests/sec:\s+([\d.]+)', output).group(1)), latency(50), latency(99),
                int(re.search(r'(\d+) requests in', output).group(1)))
