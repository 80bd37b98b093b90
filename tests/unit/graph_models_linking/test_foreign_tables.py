from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from graph_models.errors import BadDataError
from workbench.foreign import link_files, link_tables, template_files

NOTHING = pd.DataFrame(columns=["account", "type", "value"])


def _pairwise(out: pd.DataFrame, truth: dict[str, str]) -> tuple[float, float]:
    """Pairwise precision and recall of communities, from the contingency table."""
    table = pd.crosstab(out["community"], out["account"].map(truth)).to_numpy()

    def pairs(counts: np.ndarray) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both = pairs(table)
    return both / max(pairs(table.sum(axis=1)), 1), both / max(pairs(table.sum(axis=0)), 1)


def persons(seed: int, count: int = 500) -> tuple[pd.DataFrame, dict[str, str]]:
    """Like Febrl: person records with fields of unequal rarity, some with slips, some twice."""
    rng = np.random.default_rng(seed)
    suburb = rng.zipf(1.3, count) % 200
    fields = {
        "given_name": rng.zipf(1.3, count) % 150, "surname": rng.zipf(1.3, count) % 500,
        "birthday": rng.integers(0, 9000, count), "street": rng.zipf(1.3, count) % 600,
        "suburb": suburb, "postcode": suburb // 2, "state": suburb % 8,
    }  # fmt: skip
    rows, truth = [], {}
    for person in range(count):
        for copy in range(1 + int(rng.random() < 0.6)):
            record = f"rec-{person}-{copy}" if copy else f"org-{person}"
            truth[record] = str(person)
            for name, values in fields.items():
                slip = rng.random() < 0.08
                value = f"x{rng.integers(10**9)}" if slip else str(values[person])
                rows.append((record, name, value))
    return pd.DataFrame(rows, columns=["account", "type", "value"]), truth


def operators(seed: int) -> tuple[pd.DataFrame, dict[str, str]]:
    """Operators who share nothing but a pool of addresses, among strangers with dynamic ones."""
    rng = np.random.default_rng(seed)
    rows, truth = [], {}
    for stranger in range(900):
        truth[f"s{stranger}"] = f"s{stranger}"
        rows += [(f"s{stranger}", "ip", f"home{rng.integers(2700)}") for _ in range(3)]
    for operator in range(6):
        for member in range(20):
            name = f"m{operator}_{member}"
            truth[name] = f"operator{operator}"
            pool = rng.choice(12, 4, replace=False)
            rows += [(name, "ip", f"proxy{operator}_{proxy}") for proxy in pool]
    return pd.DataFrame(rows, columns=["account", "type", "value"]), truth


def test_duplicate_persons_are_found_although_suburb_and_postcode_go_together() -> None:
    table, truth = persons(1)
    out = link_tables(table)
    precision, recall = _pairwise(out, truth)
    assert precision > 0.85
    assert recall > 0.85


def test_operators_who_share_only_addresses_are_found() -> None:
    table, truth = operators(2)
    precision, recall = _pairwise(link_tables(table), truth)
    assert precision > 0.95
    assert recall > 0.9


def test_strangers_with_dynamic_addresses_stay_alone() -> None:
    table, _ = operators(3)
    table = table[table["account"].str.startswith("s")]
    out = link_tables(table)
    sizes = out["community"].value_counts()
    assert sizes[sizes > 1].sum() <= 0.01 * len(out)
    assert len(out) == 900


def test_a_type_that_half_of_all_share_links_nobody_and_is_named() -> None:
    table, truth = operators(4)
    names = sorted(truth)
    half = pd.DataFrame({"account": names[::2], "type": "country", "value": "XX"})
    out = link_tables(pd.concat([table, half]))
    precision, recall = _pairwise(out, truth)
    assert precision > 0.95
    assert recall > 0.9
    assert any("country" in note and "hubs" in note for note in out.attrs["notes"])


def test_known_shared_services_are_context() -> None:
    table, _ = operators(5)
    services = table[table["value"].str.startswith("proxy")][["type", "value"]].drop_duplicates()
    services = pd.concat([services, pd.DataFrame({"type": ["ip"], "value": ["never seen"]})])
    out = link_tables(table, shared=services)
    sizes = out["community"].value_counts()
    assert sizes[sizes > 1].sum() <= 0.01 * len(out)
    assert any("1 of 73 services" in note for note in out.attrs["notes"])


def test_every_account_comes_out_once_and_singletons_have_their_own_community() -> None:
    table, truth = operators(6)
    lonely = pd.DataFrame({"account": ["lonely", ""], "type": ["ip", "ip"], "value": ["", "1"]})
    out = link_tables(pd.concat([table, lonely]))
    assert sorted(out["account"]) == sorted([*truth, "lonely"])
    alone = out[out["member_confidence"] == 0]
    assert alone["community"].is_unique
    assert any("2 rows lack" in note for note in out.attrs["notes"])
    assert out["member_confidence"].between(0, 1).all()


def test_row_order_and_repeated_rows_change_nothing() -> None:
    table, _ = operators(7)
    shuffled = pd.concat([table, table.head(50)]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(link_tables(table), link_tables(shuffled))


def test_events_link_by_objects_and_texts_and_times_are_used() -> None:
    rng = np.random.default_rng(0)
    nouns = rng.integers(0, 10**6, 3000)
    rows = []
    for number in range(300):
        for _ in range(6):
            text = f"tell me about {nouns[rng.integers(3000)]} and {nouns[rng.integers(3000)]}"
            rows.append((f"s{number}", rng.uniform(0, 90), f"page{rng.integers(1500)}", text))
    for number in range(12):
        for _ in range(12):
            text = (
                "You are a strict grader. Rate the following answer from one to ten and explain "
                f"each step of your reasoning before the verdict: case {rng.integers(9999)}"
            )
            rows.append((f"m{number}", rng.uniform(40, 50), f"target{rng.integers(10)}", text))
    events = pd.DataFrame(rows, columns=["account", "time", "object", "text"])
    start = pd.Timestamp("2026-01-01T00:00:00Z")
    events["time"] = [(start + pd.Timedelta(days=day)).isoformat() for day in events["time"]]
    events["object_type"] = "page"
    out = link_tables(NOTHING, events).set_index("account")
    members = out.loc[[f"m{number}" for number in range(12)], "community"]
    assert members.value_counts().iloc[0] >= 11
    home = members.value_counts().index[0]
    assert (out["community"] == home).sum() <= 13


def test_only_times_link_nobody_and_say_so() -> None:
    events = pd.DataFrame({"account": ["a", "b", "c"], "time": ["2026-01-01T00:00:00Z"] * 3})
    out = link_tables(NOTHING, events)
    assert out["community"].is_unique
    assert len(out) == 3
    assert any("nothing can link" in note for note in out.attrs["notes"])


def test_empty_tables_give_an_empty_answer() -> None:
    out = link_tables(NOTHING)
    assert list(out.columns) == ["account", "community", "member_confidence"]
    assert len(out) == 0


def test_odd_times_and_weights_are_tolerated_and_counted() -> None:
    table, _ = operators(8)
    table = table.assign(first_seen="soon", last_seen="", weight="heavy")
    table.loc[:9, "first_seen"] = "1767225600"
    out = link_tables(table)
    assert any("times are unreadable" in note for note in out.attrs["notes"])


def test_a_missing_column_is_refused_by_name() -> None:
    with pytest.raises(BadDataError, match="lacks value"):
        link_tables(pd.DataFrame({"account": ["a"], "type": ["ip"]}))


def test_files_in_and_out(tmp_path: Path) -> None:
    table, _ = operators(9)
    source, out = tmp_path / "attributes.csv", tmp_path / "out.csv"
    table.to_csv(source, index=False)
    report = link_files(source, out=out)
    assert report.accounts == len(pd.read_csv(out)) == table["account"].nunique()
    assert report.communities >= 6
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00\xd8\x00")
    with pytest.raises(BadDataError, match="broken"):
        link_files(broken, out=out)


def test_templates_of_files(tmp_path: Path) -> None:
    source, out = tmp_path / "texts.jsonl", tmp_path / "templates.csv"
    frame = "Translate this sentence into French and keep the tone of the author: {} please now"
    texts = [frame.format(f"word{i} again{i * 7}") for i in range(40)]
    pd.DataFrame({"id": range(40), "text": texts}).to_json(source, orient="records", lines=True)
    report = template_files(source, out=out)
    assert report.texts == 40
    assert report.templates < 40
    source.write_text("no json\n")
    with pytest.raises(BadDataError, match="JSONL"):
        template_files(source, out=out)
