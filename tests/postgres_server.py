"""A PostgreSQL server of our own, on this machine only, that can be stopped and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

HOW_TO_GET_IT = "PostgreSQL's initdb and pg_ctl are not here: install the package postgresql, or put them on the PATH"


@dataclass(frozen=True)
class Server:
    """address: of its database, with user and password."""

    programs: Path
    folder: Path
    port: int
    as_user: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"postgresql://owner:s3cret@127.0.0.1:{self.port}/postgres"

    def make(self) -> None:
        initdb, data = str(self.programs / "initdb"), str(self.folder / "data")
        self._run(initdb, "-D", data, "-U", "owner", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._pg_ctl("start", "-w", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """At once, as after a fault: sessions are cut off."""
        self._pg_ctl("stop", "-m", "immediate")

    def _pg_ctl(self, action: str, *options: str) -> None:
        self._run(str(self.programs / "pg_ctl"), action, "-D", str(self.folder / "data"), *options)

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self.as_user, *command], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr + done.stdout


@contextmanager
def postgres_server() -> Iterator[Server]:
    """Running until the end of the block. Skips the test, or fails it with CS_COMP_REQUIRE_POSTGRES=1, without one."""
    programs = _programs()
    if programs is None:
        if os.environ.get("CS_COMP_REQUIRE_POSTGRES") == "1":
            pytest.fail(HOW_TO_GET_IT)
        pytest.skip(HOW_TO_GET_IT)
    # Not in pytest's own folder, which only the user may enter: the server refuses to run as root.
    with TemporaryDirectory(prefix="postgres") as folder:
        as_user: tuple[str, ...] = ()
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
            as_user = ("runuser", "-u", "postgres", "--")
        server = Server(programs, Path(folder), _free_port(), as_user)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _programs() -> Path | None:
    """The folder of the newest server that is installed."""
    on_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return Path(on_path).parent if on_path else (folders[-1] if folders else None)
