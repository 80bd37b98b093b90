"""Triage list, waterfall, accounting, uploads, packs: the pages' arithmetic without a page."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_models.inference import Community, TierSizes
from graph_models.stores.triage import Asked, plain_triage
from tests.browser.desks import HOSTILE, StoredDesk, busy_published
from tests.contract.graphs import community, members_table
from workbench.app import charts, look, packs, ranking, row_sums, uploads, waterfall


def made(count: int) -> list[Community]:
    kinds = ("campaign", "reseller", "household")
    return [community(f"cm_{i}", TierSizes(3, 1, 2), mostly=kinds[i % 3]) for i in range(count)]


def test_pages_are_as_many_as_what_passes_fills() -> None:
    members = members_table([])
    for count, pages in ((0, 1), (50, 1), (120, 3)):
        assert ranking.pages(plain_triage(made(count), members, Asked())) == pages


def test_robustness_names_the_family_without_which_it_falls_apart() -> None:
    item = made(1)[0]  # robust to network and prompts; its reasons are instrument and timing
    assert ranking.fragile_to(item) == ("instrument",)
    assert ranking.leave_one_out(item) == [
        ("instrument", False), ("network", True), ("prompts", True)
    ]  # fmt: skip
    row = ranking.table([item], look.LIGHT).iloc[0]
    assert row["Robustness"] == "fails without instrument"
    assert row["Leading"] == "campaign 0.88"
    assert row["Top reason"] == "+11.5 · Two cards pay for most of the accounts"
    assert [reason.bits for reason in ranking.reasons(item)] == [11.5, -1.25]


def told(signals: list[float], against: list[float], prior: float = -12.0) -> dict[str, object]:
    entry = {"family": "device", "identifier": "device:d", "rows": [], "rows_total": 0}
    bits = sum(signals) + sum(against)
    odds = 2.0 ** (bits + prior)
    return {
        "a": "a", "b": "b", "bits": bits, "probability": odds / (1 + odds), "prior_bits": prior,
        "signals": [{**entry, "signal": f"s{i}", "bits": b} for i, b in enumerate(signals)],
        "against": [{**entry, "signal": f"x{i}", "bits": b} for i, b in enumerate(against)],
        "chance_p": 0.01,
    }  # fmt: skip


BITS = st.lists(st.floats(0.1, 12), max_size=7)


@given(BITS, BITS)
def test_each_bar_starts_where_the_last_one_ended(
    signals: list[float], against: list[float]
) -> None:
    steps = waterfall.steps(told(signals, [-bits for bits in against]))
    assert (steps[0].kind, steps[-1].kind) == ("prior", "end")
    level = steps[0].end
    for step in steps[1:-1]:
        assert step.start == pytest.approx(level)
        level = step.end
    assert steps[-1].end == pytest.approx(level)
    kinds = [step.kind for step in steps[1:-1]]
    assert kinds == sorted(kinds, reverse=True)  # all that is for, then all that is against


def test_the_prior_follows_from_the_probability_where_none_is_told() -> None:
    value = told([9.0], [-2.0])
    stated = waterfall.verdict(value)
    derived = waterfall.verdict({**value, "prior_bits": None})
    assert derived.prior == pytest.approx(stated.prior, abs=1e-6)
    assert (stated.favour, stated.against, stated.end) == (9.0, -2.0, pytest.approx(-5.0))
    assert waterfall.unsummed(value) == pytest.approx(0)
    assert waterfall.unsummed({**value, "bits": 8.0}) == pytest.approx(1.0)
    assert waterfall.verdict({**value, "probability": 1.0, "prior_bits": None}).prior > 0


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_cannot_leave_the_chart_s_string(text: str) -> None:
    value = told([3.0], [])
    value["signals"][0]["identifier"] = f"device:{text}"  # type: ignore[index]
    steps = waterfall.steps(value)
    assert steps[1].name.isprintable()
    chart = charts.waterfall(steps, look.LIGHT).to_dict()
    expression = str([layer["encoding"]["y"]["axis"]["labelExpr"] for layer in chart["layer"]
                      if "axis" in layer["encoding"].get("y", {})])  # fmt: skip
    for mark in ("<", "window", "http", "{"):
        assert mark not in expression


def test_rows_are_loaded_duplicate_or_quarantined() -> None:
    desk = StoredDesk(Path("unused"), None)
    desk.graph = busy_published()
    packages = desk.packages()
    gone = packages.iloc[[1]].assign(load_id="x", state="withdrawn", rows=999)
    packages = pd.concat([packages, gone], ignore_index=True)
    found = row_sums.total(packages, pd.DataFrame({"rows": [2000]}))
    assert (found.rows, found.loaded, found.duplicate, found.quarantined) == (2054, 2000, 34, 20)
    assert found.explained
    assert not row_sums.total(packages, pd.DataFrame({"rows": [2999]})).explained
    assert row_sums.total(packages.iloc[:0], pd.DataFrame({"rows": []})).rows == 0
    two_each = packages.assign(events=2 * packages["events"])
    found = row_sums.total(two_each, pd.DataFrame({"rows": [4000]}))
    assert found.rows + found.further == found.loaded + found.duplicate + found.quarantined
    assert (found.further, found.duplicate) == (2034, 68)
    table = row_sums.packages_table(packages)
    assert (table["Rows read"] == table["Accepted"] + table["Quarantined"]).all()


def test_quarantine_reasons_are_counted_commonest_first() -> None:
    rows = pd.DataFrame(
        {
            "reason": ["b", "a", "b"],
            "fix": ["f", "g", "f"],
            "file": ["x", "y", "z"],
            "row": [3, 4, 5],
        }
    )
    table = row_sums.quarantine_reasons(rows)
    assert table["Rows"].tolist() == [2, 1]
    assert table["First seen at"].tolist() == ["x:3", "y:4"]
    assert row_sums.quarantine_reasons(rows.iloc[:0]).empty


@pytest.mark.parametrize(
    ("name", "safe"),
    [("charges.csv.gz", "charges.csv.gz"), ("../../etc/passwd", "passwd"),
     ("C:\\logs\\a b.csv", "a_b.csv"), (".bashrc", "bashrc"), ("..", "upload"), ("", "upload"),
     ("\u202egnp.csv", "_gnp.csv"), ("x" * 300 + ".parquet", "x" * 112 + ".parquet")],
)  # fmt: skip
def test_an_upload_keeps_only_the_safe_part_of_its_name(name: str, safe: str) -> None:
    assert uploads.safe_name(name) == safe


def test_uploads_are_files_as_long_as_needed() -> None:
    first, second = io.BytesIO(b"one"), io.BytesIO(b"two")
    first.name = second.name = "../same.csv"
    first.read()
    with uploads.saved([first, second]) as paths:
        assert [path.read_bytes() for path in paths] == [b"one", b"two"]
        assert {path.name for path in paths} == {"same.csv"}
    assert not any(path.exists() for path in paths)


def test_a_pack_is_zipped_the_same_every_time(tmp_path: Path) -> None:
    desk = StoredDesk(tmp_path, None)
    once, twice = packs.pack_zip(desk, "cm_1"), packs.pack_zip(desk, "cm_1")
    assert once == twice
    names = zipfile.ZipFile(io.BytesIO(once)).namelist()
    assert names == ["evidence-cm_1/report.html"]


def test_files_are_checked_before_they_are_loaded() -> None:
    when = pd.Timestamp("2026-05-01 10:00")
    known = {"file": "a.jsonl", "mapping": "m", "emits": "login", "known": 0.5, "accepted": 1.0}
    found = pd.DataFrame(
        [known | {"first": when, "last": when, "remark": ""}, {"file": "b", "remark": "unknown"}]
    )
    table = row_sums.checked_table(found)
    assert table["Known"].tolist() == ["50%", "–"]
    assert table["From"].tolist() == ["1 May 2026", "–"]
    assert table["Mapping"].tolist() == ["m", "none"]
    assert table["Remark"].tolist() == ["", "unknown"]
