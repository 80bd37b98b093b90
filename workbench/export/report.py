"""The pack's readable page: HTML without any script, style inline, every value escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

import pandas as pd

from workbench.export.record import CaseRecord

__all__ = ["report_html", "write_report"]

MAX_ROWS = 200  # a page stays readable; the whole table stands in the CSV beside it, and it says so

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)
STYLE = """
body{font:15px/1.5 'Source Sans 3','Source Sans Pro',system-ui,sans-serif;color:#1b2430;
background:#fff;max-width:62rem;margin:2rem auto;padding:0 1.5rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.15rem;margin-top:2.2rem}
.banner{border:1px solid #dde1e6;background:#f6f7f8;border-radius:6px;padding:.6rem 1rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #e8ebee;vertical-align:top;
overflow-wrap:anywhere}
td.n{text-align:right;font-variant-numeric:tabular-nums}th{background:#f6f7f8}
.against{color:#a8500b}caption{text-align:left;color:#5a6675;padding:.3rem 0}
@media print{body{margin:0;max-width:none}}
"""


def write_report(record: CaseRecord, folder: Path) -> None:
    """``report.html``."""
    (folder / "report.html").write_text(report_html(record), encoding="utf-8")


def report_html(record: CaseRecord) -> str:
    """The whole page; it opens with the network cut and can run nothing."""
    return "".join(
        (
            "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>",
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            f"<title>{escape(record.title)}</title><style>{STYLE}</style></head><body>",
            *_sections(record),
            "</body></html>\n",
        )
    )


def _sections(record: CaseRecord) -> Iterable[str]:
    yield _banner(record)
    yield f"<h1>{escape(record.title)}</h1>"
    yield from _assessment(record)
    yield from _cards(record)
    for name, title in (
        ("accounts", "Accounts"),
        ("identifiers", "Identifiers that at least two of them used"),
        ("links", "Links, in bits"),
        ("rows", "Source rows (the first 20 of a sighting)"),
    ):
        yield f"<h2>{title}</h2>"
        yield _table(getattr(record, name), f"{name}.csv")
    yield _method(record)


def _banner(record: CaseRecord) -> str:
    synthetic = f"Synthetic world “{escape(record.world)}”. " if record.world else ""
    return (
        f"<p class='banner'><strong>TLP:{escape(record.profile.tlp)}</strong> · for "
        f"{escape(record.profile.audience)} · {synthetic}An investigative lead, not a finding of "
        "guilt; not a basis for action alone.</p>"
    )


def _assessment(record: CaseRecord) -> Iterable[str]:
    community = record.community
    yield (
        f"<p>Assessed as <strong>{escape(community.assessment.assessed_as)}</strong>. "
        "Confidence in "
        f"the basis: {escape(community.assessment.confidence)}. Chance check p = "
        f"{community.chance_p:.4f}. Holds without: "
        f"{escape(', '.join(community.robust_to) or 'no single family left out')}.</p>"
    )
    rows = pd.DataFrame(
        list(community.assessment.probabilities.items()), columns=["explanation", "probability"]
    )
    yield "<h2>Competing explanations</h2>" + _table(rows, "summary.json")
    reasons = pd.DataFrame(
        [(reason.text, reason.family, reason.bits) for reason in community.assessment.reasons],
        columns=["reason", "family", "bits"],
    )
    yield "<h2>Reasons, for and against (negative)</h2>" + _table(reasons, "summary.json")
    yield "<h2>Innocent explanations considered</h2>"
    yield _list(community.assessment.innocent_explanations)


def _cards(record: CaseRecord) -> Iterable[str]:
    yield "<h2>How this evidence may mislead</h2>"
    yield _list(f"{title}: {means} {misleads}" for title, means, misleads in record.cards)


def _method(record: CaseRecord) -> str:
    lacking = ", ".join(record.lacking) or "nothing that the model knows of"
    return (
        f"<h2>Method and limits</h2><p>Snapshot <code>{escape(record.snapshot)}</code>, run "
        f"<code>{escape(record.run)}</code>, analysed {escape(record.as_of.isoformat())}. Missing "
        f"inputs: {escape(lacking)}. The pack’s files are hashed and signed; "
        "<code>VERIFY.md</code> says how to check them without this product.</p>"
    )


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _table(frame: pd.DataFrame, whole: str) -> str:
    shown = frame.head(MAX_ROWS)
    truncated = len(frame) - len(shown)
    head = "".join(f"<th scope='col'>{escape(str(name))}</th>" for name in frame.columns)
    body = "".join(_row(row) for row in shown.itertuples(index=False))
    caption = f"{len(shown)} shown + {truncated} truncated = {len(frame)}; all in {whole}"
    return (
        f"<div class='scroll'><table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[object]) -> str:
    cells = []
    for value in row:
        number = isinstance(value, int | float)
        text = f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
        cells.append(f"<td{' class=n' if number else ''}>{escape(text)}</td>")
    return f"<tr>{''.join(cells)}</tr>"
