"""A real Neo4j Community server on this machine without Docker, for a desk of one and for tests.

``python -m graph_models.stores.neo4j.server start`` prints the URL of the store. Its password is
random and lies in a secrets file that only its owner can read, in the server's folder.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
from neo4j import GraphDatabase
from neo4j.exceptions import DriverError, Neo4jError

from graph_models.errors import StoreUnreachableError, UsageError
from graph_models.stores.neo4j import processes, runtime
from graph_models.stores.neo4j.address import Credentials
from graph_models.stores.neo4j.data_folder import DataFolder
from graph_models.stores.neo4j.memory import SMALL, Memory, memory_for
from graph_models.stores.neo4j.processes import HOST

__all__ = ["DEFAULT_PORT", "Server", "main", "new_password"]

DEFAULT_PORT = 7687
START_SECONDS = 300.0
STOP_SECONDS = 60.0
_JAVA_OPTIONS: tuple[str, ...] = (
    "-XX:-OmitStackTraceInFastThrow", "-XX:+DisableExplicitGC", "-XX:+UseSerialGC",
    "-Djdk.nio.maxCachedBufferSize=1024", "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dio.netty.leakDetection.level=DISABLED", "-Dlog4j2.disable.jmx=true",
    "-Dfile.encoding=UTF-8", "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)  # fmt: skip
SETTINGS: tuple[tuple[str, str], ...] = (
    ("server.directories.data", "{data}"),
    ("server.default_listen_address", HOST),
    ("server.bolt.listen_address", f"{HOST}:{{port}}"),
    ("server.bolt.advertised_address", f"{HOST}:{{port}}"),
    ("server.http.enabled", "false"),
    ("server.https.enabled", "false"),
    ("dbms.security.auth_enabled", "true"),
    ("dbms.security.allow_csv_import_from_file_urls", "false"),
    ("dbms.usage_report.enabled", "false"),
    ("server.memory.heap.initial_size", "{heap}"),
    ("server.memory.heap.max_size", "{heap}"),
    ("server.memory.pagecache.size", "{pages}"),
    ("db.tx_log.rotation.retention_policy", "keep_none"),
)


def new_password() -> str:
    """192 random bits in hexadecimal.

    One in 64 of the URL-safe ones begins with "-": the admin tool reads it as an option, refuses.
    """
    return secrets.token_hex(24)


@dataclass(frozen=True)
class Server:
    """One server's folder: its data, its log, its secrets file, and the note of its process."""

    home: Path
    version: str = runtime.DEFAULT_VERSION

    @classmethod
    def usual(cls, version: str = runtime.DEFAULT_VERSION) -> Server:
        """The user's own server, in ``WORKBENCH_NEO4J_HOME`` or the user's data folder."""
        told = os.environ.get("WORKBENCH_NEO4J_HOME")
        home = Path(told) if told else platformdirs.user_data_path("workbench") / "neo4j"
        return cls(home / version, version)

    @property
    def secrets(self) -> Path:
        """The file with user and password, for ``WORKBENCH_SECRETS``."""
        return self.home / "secrets.toml"

    @property
    def data(self) -> DataFolder:
        """Where its databases lie."""
        return DataFolder(self.home)

    @property
    def url(self) -> str:
        """What ``--store`` takes; UsageError when the server does not run."""
        return f"neo4j://{HOST}:{self.running()['port']}"

    def running(self) -> dict[str, Any]:
        """Process id and port of the running server; UsageError when there is none."""
        note = self._note()
        if note is None or not processes.alive(note["pid"]):
            raise UsageError(
                "The Neo4j server does not run.", where=str(self.home), fix="Start it: make neo4j"
            )
        return note

    def runs(self) -> bool:
        """Whether its process lives."""
        note = self._note()
        return note is not None and processes.alive(note["pid"])

    def start(self, port: int = DEFAULT_PORT, *, seconds: float = START_SECONDS) -> str:
        """Start it unless it runs, wait until it answers, and return the URL of the store.

        ``port=0`` takes a free one. Raises StoreUnreachableError with the end of its log when it
        ends or does not answer in time.
        """
        if not self.runs():
            self._launch(port or processes.free_port())
        self._wait(seconds)
        return self.url

    def stop(self, *, seconds: float = STOP_SECONDS) -> bool:
        """End it cleanly, by force after a while; False when it did not run."""
        note = self._note()
        if note is None or not processes.alive(note["pid"]):
            return False
        os.kill(note["pid"], signal.SIGTERM)
        if not processes.gone(note["pid"], seconds):
            os.kill(note["pid"], signal.SIGKILL)
            processes.gone(note["pid"], seconds)
        self._pid_file.unlink(missing_ok=True)
        return True

    def kill(self) -> None:
        """End it as a power cut would: nothing is told to it."""
        pid = int(self.running()["pid"])
        os.kill(pid, signal.SIGKILL)
        processes.gone(pid, STOP_SECONDS)

    def wipe(self) -> None:
        """Stop it and remove its data, its password and its log."""
        self.stop()
        processes.end_noted(self._admin_pid)
        shutil.rmtree(self.home, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what a killed bulk load left, its processes too; the data stay."""
        if self.data.unfinished.exists():
            Server(self.data.unfinished, self.version).wipe()
        self.data.sweep()

    @property
    def _admin_pid(self) -> Path:
        return self.home / "admin.pid"

    @property
    def _pid_file(self) -> Path:
        return self.home / "server.json"

    @property
    def _log(self) -> Path:
        return self.home / "server.log"

    def _note(self) -> dict[str, Any] | None:
        try:
            note: dict[str, Any] = json.loads(self._pid_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return note

    def prepare(self, port: int = DEFAULT_PORT) -> None:
        """Write its settings and, the first time, its password; it does not run yet."""
        for folder in (self.home, self.home / "conf"):
            folder.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        memory = self._memory()
        told = {"port": port, "data": self.data.name, "heap": memory.heap, "pages": memory.pages}
        lines = [f"{name}={value.format(**told)}\n" for name, value in SETTINGS]
        (self.home / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")
        self._set_password()

    def admin(
        self, *arguments: str, options: Sequence[str] = SMALL.java, seconds: float = START_SECONDS,
        folder: Path | None = None,
    ) -> str:  # fmt: skip
        """Run neo4j-admin on it, in ``folder``; what it printed. StoreUnreachableError."""
        needs = runtime.release(self.version)
        java, lib = runtime.java(needs), runtime.jars(needs)
        command = [
            str(java), "-cp", f"{lib}/*", *_JAVA_OPTIONS, *options,
            "org.neo4j.cli.AdminTool", *arguments,
        ]  # fmt: skip
        told = {"NEO4J_HOME": str(self.home), "NEO4J_CONF": f"{self.home}/conf"}
        done = processes.run_noted(
            command, {**runtime.environment(), **told}, self._admin_pid, seconds=seconds,
            folder=folder,
        )  # fmt: skip
        if done.returncode:
            raise StoreUnreachableError(
                f"neo4j-admin {' '.join(arguments[:2])} failed.", where=str(self.home),
                fix=f"It ended: {_end_of(done.stdout + done.stderr)}",
            )  # fmt: skip
        return done.stdout

    def _launch(self, port: int) -> None:
        needs = runtime.release(self.version)
        java, lib = runtime.java(needs), runtime.jars(needs)
        processes.check_free(port)
        with self.data.claimed():
            self.sweep()
            self.prepare(port)
            command = [
                str(java), "-cp", f"{self.home}/conf:{lib}/*", *_JAVA_OPTIONS, *self._memory().java,
                needs.main_class, f"--home-dir={self.home}", f"--config-dir={self.home}/conf",
                "--console-mode",
            ]  # fmt: skip
            with self._log.open("ab") as log, Path(os.devnull).open("rb") as nothing:
                into = [(log.fileno(), 1), (log.fileno(), 2), (nothing.fileno(), 0)]
                # Returns when Java has taken over the process, which is to outlive this one.
                pid = os.posix_spawn(
                    java, command, runtime.environment(), setsid=True,
                    file_actions=[(os.POSIX_SPAWN_DUP2, here, there) for here, there in into],
                )  # fmt: skip
            note = {"pid": pid, "port": port, "version": self.version}
            self._pid_file.write_text(json.dumps(note), encoding="utf-8")

    def _memory(self) -> Memory:
        return memory_for(self.data.size())

    def _set_password(self) -> None:
        """Before the first start only: the server ignores the step later."""
        if self.secrets.exists():
            return
        password = new_password()
        # The tool takes the password only as an argument; its process lives for seconds, and the
        # server is not reachable yet.
        self.admin("dbms", "set-initial-password", password)
        handle = os.open(self.secrets, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(f'[neo4j]\nuser = "neo4j"\npassword = "{password}"\n')

    def _wait(self, seconds: float) -> None:
        """First for the port, then for an answer: the driver's own retries wait far longer."""
        note, deadline = self.running(), time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not processes.alive(note["pid"]):
                break
            if processes.listens(note["port"]) and self._answers(note["port"]):
                return
            time.sleep(0.2)
        log = self._log.read_text(encoding="utf-8", errors="replace")
        raise StoreUnreachableError(
            "Neo4j did not start.", where=str(self._log), fix=f"Its log ends: {_end_of(log)}"
        )

    def _answers(self, port: int) -> bool:
        known = Credentials.from_file(self.secrets)
        try:
            with GraphDatabase.driver(f"bolt://{HOST}:{port}", auth=known.pair) as driver:
                driver.verify_connectivity()
        except (DriverError, Neo4jError):
            return False
        return True


def _end_of(log: str) -> str:
    return " ".join(log.split()[-60:])


def main(arguments: list[str] | None = None) -> int:
    """The command line (``server_commands``); an exit code."""
    from graph_models.stores.neo4j.server_commands import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
