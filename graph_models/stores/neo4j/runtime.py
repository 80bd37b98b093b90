"""What a Neo4j server needs to run without Docker: a Java, and its jars from Maven Central.

The jars stay outside the project, in a cache that is filled once per version and never changed.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import platformdirs

from graph_models.errors import UsageError
from graph_models.text import inert

__all__ = ["DEFAULT_VERSION", "Release", "environment", "jars", "java", "lacking", "release"]

DEFAULT_VERSION = "5.26.30"
"""The long-term line that the contract suite runs on."""
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"
_VERSION = re.compile(r"\d{1,4}\.\d{1,3}\.\d{1,3}")
_DOWNLOAD_SECONDS = 1800


@dataclass(frozen=True)
class Release:
    """One line of Neo4j: its entry point, and the oldest Java that runs it."""

    version: str
    main_class: str
    java: int


def release(version: str) -> Release:
    """How that version is started; UsageError when it is no version number of a known line."""
    if not _VERSION.fullmatch(version) or not version.startswith(("5.", "20")):
        raise UsageError(
            f"{inert(repr(version))} is no Neo4j version that can be started here.",
            fix=f"Use {DEFAULT_VERSION}, or a calendar version such as 2026.08.1.",
        )
    if version.startswith("5."):
        return Release(version, "org.neo4j.server.CommunityEntryPoint", 17)
    return Release(version, "org.neo4j.server.Neo4jCommunity", 21)


def environment() -> Mapping[str, str]:
    """What a child process may see: never the passwords that this one knows."""
    return {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}


def lacking(needs: Release) -> str | None:
    """Why a server cannot be run here, with the way out; None when it can."""
    try:
        java(needs)
        _maven(needs)
    except UsageError as error:
        return str(error)
    return None


def java(needs: Release) -> Path:
    """A Java that is new enough: from ``JAVA_HOME``, else from the path."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    fix = f"Install one, for example: apt-get install openjdk-{needs.java}-jre-headless"
    if found is None:
        raise UsageError(f"Neo4j {needs.version} needs Java {needs.java} or newer.", fix=fix)
    told = subprocess.run(  # noqa: S603
        [found, "-version"], capture_output=True, text=True, check=False, env=environment()
    ).stderr
    number = re.search(r'version "(\d+)', told)
    if number is None or int(number[1]) < needs.java:
        which = number[1] if number else "of unknown version"
        raise UsageError(
            f"Neo4j {needs.version} needs Java {needs.java} or newer; the one here is {which}.",
            fix=f"{fix}, or point JAVA_HOME at a newer one.",
        )
    return Path(found)


def jars(needs: Release) -> Path:
    """The folder of that version's jars, fetched by Maven when the cache does not hold it."""
    folder = _cache() / needs.version
    if _whole(folder):
        return folder / "lib"
    maven = _maven(needs)
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / ".lock"):
        if not _whole(folder):
            _fetch(maven, needs.version, folder)
    return folder / "lib"


def _cache() -> Path:
    told = os.environ.get("WORKBENCH_NEO4J_CACHE")
    return Path(told) if told else platformdirs.user_cache_path("workbench") / "neo4j"


def _whole(folder: Path) -> bool:
    return (folder / "lib").is_dir()


def _maven(needs: Release) -> str | None:
    if _whole(_cache() / needs.version):
        return None
    found = shutil.which("mvn")
    if found is None:
        raise UsageError(
            f"The jars of Neo4j {needs.version} are not cached, and Maven (mvn) is not installed.",
            where=str(_cache()),
            fix="Install it: apt-get install maven. Or use Docker: docker compose up -d",
        )
    return found


def _fetch(maven: str | None, version: str, folder: Path) -> None:
    assert maven is not None
    fresh = folder / "lib.unfinished"
    shutil.rmtree(fresh, ignore_errors=True)
    pom = folder / "pom.xml"
    pom.write_text(resources.files(__package__).joinpath("pom.xml").read_text(encoding="utf-8"))
    done = subprocess.run(  # noqa: S603
        [maven, "-B", "-q", "-f", str(pom), _PLUGIN, "-DincludeScope=runtime",
         f"-Dneo4j.version={version}", f"-DoutputDirectory={fresh}"],
        capture_output=True, text=True, check=False, env=environment(), timeout=_DOWNLOAD_SECONDS,
    )  # fmt: skip
    if done.returncode or not fresh.is_dir():
        told = (done.stdout + done.stderr).strip().splitlines()
        raise UsageError(
            f"Maven did not fetch Neo4j {version}: {inert(told[0] if told else 'no reason given')}",
            fix="Check the network, or a mirror in ~/.m2/settings.xml; then try again.",
        )
    fresh.rename(folder / "lib")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
