"""What stays in memory after many requests, and after many connections."""
import asyncio
from urllib.parse import urlparse

from . import wrk

MIB = 1 << 20


def requests(server, texts, total, connections=32):
    """Rounds of requests until there were `total`; memory after each."""
    done, seen = 0, []
    while done < total:
        done += wrk.load(server.url, texts, connections, 15).requests
        seen.append((done, server.memory() / MIB))
    return seen


async def _open_and_drop(host, port, count, at_once):
    async def one(number):
        reader, writer = await asyncio.open_connection(host, port)
        # Every other one goes away in the middle of a request.
        if number % 2:
            writer.write(b'POST /v1/embeddings HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{"input":')
            await writer.drain()
        writer.close()

    for first in range(0, count, at_once):
        await asyncio.gather(*(one(first + index) for index in range(min(at_once, count - first))))


def connections(server, count=10_000, at_once=500):
    """Connections that are opened and dropped: memory and open files before and after, after one round to warm up."""
    place = urlparse(server.url)
    seen = []
    for rounds in range(3):
        asyncio.run(_open_and_drop(place.hostname, place.port, count, at_once))
        asyncio.run(asyncio.sleep(1))
        seen.append(((rounds + 1) * count, server.memory() / MIB, server.files()))
    return seen
