"""Servers in processes of their own."""
import contextlib
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Server:
    name: str
    url: str
    process: subprocess.Popen

    def memory(self):
        """Bytes that are resident."""
        for line in Path(f'/proc/{self.process.pid}/status').read_text().splitlines():
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) * 1024
        raise RuntimeError(f'{self.name} has ended')

    def files(self):
        return len(list(Path(f'/proc/{self.process.pid}/fd').iterdir()))


def _free_port():
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def started(name, command, health='/health', patience=60):
    """`command`, a list in which PORT stands for the port, once it says that it is well."""
    port = _free_port()
    url = f'http://127.0.0.1:{port}'
    process = subprocess.Popen([str(word).replace('PORT', str(port)) for word in command],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + patience
        while True:
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f'{name}: did not start: {" ".join(map(str, command))}')
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                with urllib.request.urlopen(url + health, timeout=5) as answer:
                    if answer.status == 200:
                        break
            time.sleep(0.05)
        yield Server(name, url, process)
    finally:
        process.terminate()
        process.wait(30)


def martlet(binary, threads, *options):
    return started('Martlet', [binary, 'serve', '--port', 'PORT', '--threads', threads, '--log-level', 'warning', *options])


def llama_cpp(binary, gguf, threads):
    """As its users run it for embeddings: a slot to each of 32 clients, each with room for a paragraph."""
    return started('llama.cpp', [binary, '-m', gguf, '--embeddings', '--pooling', 'mean', '--port', 'PORT', '--threads', threads,
                                 '--threads-batch', threads, '--threads-http', '4', '-np', '32', '-c', 32 * 512, '-b', '2048', '-ub', '2048',
                                 '--no-webui'])
