#!/usr/bin/env python3
"""Whether `martlet embed --when idle` waits while somebody uses the machine: a bus of its own with a service in the place of logind.

    pip install dbus-fast
    Tests/Jobs/sessions.py MARTLET

Needs dbus-daemon and libsystemd, on Linux.
"""
import asyncio
import os
import subprocess
import sys
import tempfile

from dbus_fast import BusType
from dbus_fast.aio import MessageBus
from dbus_fast.constants import PropertyAccess
from dbus_fast.service import ServiceInterface, dbus_property

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/><allow user="*"/></policy></busconfig>
"""


class Manager(ServiceInterface):
    def __init__(self):
        super().__init__("org.freedesktop.login1.Manager")
        self.is_idle = True

    @dbus_property(access=PropertyAccess.READ)
    def IdleHint(self) -> "b":
        return self.is_idle


async def main() -> None:
    martlet = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        socket = f"{folder}/bus"
        with open(f"{folder}/bus.conf", "w") as file:
            file.write(CONFIGURATION.format(socket))
        daemon = subprocess.Popen(["dbus-daemon", f"--config-file={folder}/bus.conf", "--nofork", "--nopidfile"])
        try:
            while not os.path.exists(socket):
                await asyncio.sleep(0.05)
            os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={socket}"
            bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
            manager = Manager()
            bus.export("/org/freedesktop/login1", manager)
            await bus.request_name("org.freedesktop.login1")
            with open(f"{folder}/in.txt", "w") as file:
                file.write("".join(f"line {line}\n" for line in range(200)))
            command = [martlet, "embed", "-f", f"{folder}/in.txt", "-o", f"{folder}/out.npy", "--resume", "--when", "idle"]

            async def line(process) -> str:
                """The next message, or nothing at the end or after ten seconds."""
                try:
                    return (await asyncio.wait_for(process.stderr.readline(), 10)).decode()
                except asyncio.TimeoutError:
                    return ""

            # On a busy machine the run then waits for its cores.
            others = ["martlet: going on\n", "martlet: waiting: other programs need the cores\n", "martlet: waiting: memory is short\n", ""]
            for in_use in [True, False]:
                manager.is_idle = not in_use
                process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
                first = await line(process)
                if in_use and first != "martlet: waiting: somebody uses this machine\n":
                    sys.exit(f"FAILED: in use: {first!r}")
                manager.is_idle = True
                second = await line(process) if in_use else first
                if second not in others:
                    sys.exit(f"FAILED: idle: {second!r}")
                print(f"in use: {in_use}: {first!r}, {second!r}")
                if process.returncode is None:
                    process.kill()
                await process.wait()
            print("a run waits while IdleHint is false, and no longer when it is true")
        finally:
            daemon.terminate()


asyncio.run(main())
