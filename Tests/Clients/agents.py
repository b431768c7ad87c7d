"""The official SDK of the Model Context Protocol, over stdio and over HTTP, in each of its modes."""

import asyncio
import pathlib
import subprocess
import tempfile

from mcp import StdioServerParameters
from mcp.client.client import Client
from served import Served, command

NOTES = {
    "kitchen.md": "# Cooking\n\nBoil a litre of water for each 100 g of pasta. Salt it well.\n",
    "garden.md": "# Roses\n\nRoses want sun and a deep soil.\n",
}


async def ask(server, mode, name):
    async with Client(server, mode=mode) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == ["search", "read"], tools
        found = await client.call_tool("search", {"query": "how do I cook spaghetti?", "top": 1})
        hit = found.structured_content["hits"][0]
        assert not found.is_error and "pasta" in hit["text"] and hit["collection"] == name, found
        assert "pasta" in found.content[0].text
        whole = await client.call_tool("read", {"id": hit["id"]})
        assert "Boil a litre" in whole.content[0].text, whole
        filtered = await client.call_tool("search", {"query": "spaghetti", "filter": 'heading = "Roses"'})
        assert "pasta" not in filtered.content[0].text, filtered
        wrong = await client.call_tool("search", {"query": "a", "filter": "nothing = 1"})
        assert wrong.is_error and "nothing" in wrong.content[0].text, wrong


def agents():
    with tempfile.TemporaryDirectory() as data:
        folder = pathlib.Path(data)
        (folder / "notes").mkdir()
        for name, text in NOTES.items():
            (folder / "notes" / name).write_text(text)
        collection = folder / "notes.martlet"
        subprocess.run([command(), "index", folder / "notes", "-o", collection], check=True, stderr=subprocess.DEVNULL)
        program = StdioServerParameters(command=command(), args=["mcp", str(collection)])
        for mode in ("legacy", "auto", "2026-07-28"):
            asyncio.run(ask(program, mode, "notes"))
        with Served("--data", folder) as server:
            for mode in ("legacy", "auto", "2026-07-28"):
                asyncio.run(ask(server.url + "/mcp", mode, "notes"))


TESTS = [agents]
