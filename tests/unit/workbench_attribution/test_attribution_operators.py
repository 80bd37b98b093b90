"""Operators by layer: named, unknown, reseller only, benign; false flags; shared services."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from graph_models.errors import BadDataError, UsageError
from graph_models.inference import ASSESSMENTS, MEMBER_COLUMNS, Assessment, Community, TierSizes
from graph_models.observations import Observations
from tests.unit.graph_models_linking.crowd import crowd
from workbench.attribution import Attribution, attribute, read_indicators
from workbench.attribution.model import ALWAYS, LAYERS

ASSESSED = {"campaign": 0.94, "reseller": 0.03}


def community(**said: float) -> Community:
    rest = (1 - sum(said.values())) / (len(ASSESSMENTS) - len(said))
    probabilities = {name: said.get(name, rest) for name in ASSESSMENTS}
    return Community(
        community="cm_1", size=TierSizes(60, 0, 0), exchanges=1, first_seen=None, last_seen=None,
        assessment=Assessment(probabilities, "moderate", (), ()), held_together=1.0,
        robust_to=("network",), chance_p=0.0, cells=(),
    )  # fmt: skip


class Scene:
    """The crowd with its campaign, or its reseller's customers, as the community cm_1."""

    def __init__(self, role: str = "campaign") -> None:
        made = crowd(7)
        self.obs: Observations = made.observations()
        self.mine = np.flatnonzero(made.truth() == role)
        rows = pd.DataFrame({"account": self.obs.accounts["account"].iloc[self.mine]})
        rows = rows.assign(
            community="cm_1", cell="ce_1", tier="core", member_confidence=1.0, share=1.0
        )
        self.members = rows.astype(MEMBER_COLUMNS)[list(MEMBER_COLUMNS)]

    def used(self, kind: str, rank: int = 0) -> str:
        """A value that many members used."""
        seen = self.obs.sightings[self.obs.sightings["account"].isin(self.mine)]
        mine = self.obs.identifiers.iloc[seen["identifier"]]
        counts = mine.loc[mine["kind"] == kind, "value"].value_counts()
        return str(sorted(counts.index, key=lambda v: (-counts[v], v))[rank])

    def attribute(
        self, *indicators: dict[str, str], said: dict[str, float] = ASSESSED
    ) -> Attribution:
        table = pd.DataFrame(list(indicators)) if indicators else None
        return attribute(community(**said), self.members, self.obs, table)


def indicator(kind: str, value: str, **more: str) -> dict[str, str]:
    base = {"operator": "Vermilion Desk", "role": "access", "source": "partner report",
            "reliability": "A", "credibility": "1"}  # fmt: skip
    return {"kind": kind, "value": value} | base | more


def of(attribution: Attribution, operator: str, layer: str = "access") -> float:
    return next(h.probability for h in attribution.layers[layer] if h.operator == operator)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


def test_without_indicators_the_operator_is_unknown(scene: Scene) -> None:
    found = scene.attribute()
    for layer in LAYERS:
        assert {h.operator for h in found.layers[layer]} == set(ALWAYS)
        assert found.layers[layer][0].operator == "unknown"
    assert found.confidence == "low"
    assert any("No indicators" in text for text in found.caveats)


@pytest.mark.parametrize(
    ("said", "leads"),
    [({"reseller": 0.9, "campaign": 0.02}, "reseller-only"), ({"household": 0.97}, "benign")],
)
def test_what_is_no_campaign_has_no_operator(
    scene: Scene, said: dict[str, float], leads: str
) -> None:
    assert scene.attribute(said=said).layers["access"][0].operator == leads


def test_two_independent_costly_items_make_very_likely(scene: Scene) -> None:
    found = scene.attribute(
        indicator("payment_method", scene.used("payment_method")),
        indicator("ip", scene.used("ip")),
    )
    top = found.layers["access"][0]
    assert top.operator == "Vermilion Desk"
    assert top.as_json()["words"] == "very likely"


def test_one_costly_item_is_never_more_than_likely(scene: Scene) -> None:
    found = scene.attribute(indicator("payment_method", scene.used("payment_method")))
    assert 0.55 <= of(found, "Vermilion Desk") < 0.8


def test_two_cards_are_one_family(scene: Scene) -> None:
    found = scene.attribute(
        *(indicator("payment_method", scene.used("payment_method", rank)) for rank in range(3))
    )
    assert of(found, "Vermilion Desk") < 0.8


def test_cheap_items_never_exceed_even_chance(scene: Scene) -> None:
    cheap = [indicator("device", scene.used("device", rank)) for rank in range(3)]
    cheap += [indicator("prompt_cluster", scene.used("prompt_cluster", rank)) for rank in range(3)]
    found = scene.attribute(*cheap)
    assert of(found, "Vermilion Desk") <= 0.55
    assert not any(item.costly_to_fake for item in found.evidence if "Vermilion" in item.item)


def test_what_the_guard_takes_goes_to_unknown(scene: Scene) -> None:
    with_flag = scene.attribute(indicator("device", scene.used("device")))
    assert of(with_flag, "unknown") >= 0.4


def test_a_forged_address_is_cheap(scene: Scene) -> None:
    obs = scene.obs
    claimed = obs.sightings.assign(claimed=np.float32(1.0))
    forged = Observations(
        snapshot="forged", accounts=obs.accounts, identifiers=obs.identifiers, sightings=claimed
    )
    table = pd.DataFrame([indicator("ip", scene.used("ip"))])
    found = attribute(community(**ASSESSED), scene.members, forged, table)
    assert of(found, "Vermilion Desk") <= 0.55


def test_a_shared_service_accuses_nobody(scene: Scene) -> None:
    address = scene.used("ip")
    found = scene.attribute(
        indicator("ip", address), indicator("ip", address, operator="", role="")
    )
    assert of(found, "Vermilion Desk") < 0.2
    assert any("shared services" in text for text in found.caveats)


def test_a_value_that_everybody_uses_says_little(scene: Scene) -> None:
    seen = scene.obs.identifiers
    popular = str(
        seen.loc[seen["kind"] == "prompt_cluster"].nlargest(1, "accounts")["value"].iloc[0]
    )
    found = scene.attribute(indicator("prompt_cluster", popular))
    item = next(item for item in found.evidence if "Vermilion" in item.item)
    assert item.diagnosticity < 2


def test_looked_for_and_not_found_speaks_against(scene: Scene) -> None:
    found = scene.attribute(
        indicator("ip", "250.1.2.3"),
        indicator("ip", scene.used("ip"), operator="Other House"),
    )
    absent = next(item for item in found.evidence if item.method == "absent")
    assert absent.likelihoods["Vermilion Desk"] < absent.likelihoods["unknown"]
    assert of(found, "Vermilion Desk") < of(found, "Other House")


def test_layers_stay_apart(scene: Scene) -> None:
    found = scene.attribute(
        indicator(
            "payment_method", scene.used("payment_method"), role="supplier", operator="Pelican"
        ),
        indicator("ip", scene.used("ip"), role="supplier", operator="Pelican"),
    )
    assert found.layers["supplier"][0].operator == "Pelican"
    for layer in ("access", "beneficiary"):
        assert "Pelican" not in {h.operator for h in found.layers[layer]}


def test_a_beneficiary_does_not_travel_over_reseller_only_links() -> None:
    customers = Scene("customer")
    row = {"role": "beneficiary", "operator": "Quillon"}
    found = customers.attribute(
        indicator("payment_method", customers.used("payment_method"), **row),
        indicator("ip", customers.used("ip"), **row),
    )
    assert of(found, "Quillon", "beneficiary") <= 0.45
    assert any("no claim about the beneficiary" in text for text in found.caveats)


def test_an_expired_indicator_does_not_match(scene: Scene) -> None:
    found = scene.attribute(
        indicator("payment_method", scene.used("payment_method"), valid_to="2020-01-01T00:00:00Z")
    )
    assert of(found, "Vermilion Desk") < 0.2


def test_a_network_matches_its_addresses(scene: Scene) -> None:
    prefix = scene.used("ip").rpartition(".")[0]
    found = scene.attribute(indicator("ip_prefix", prefix))
    assert any("ip_prefix" in item.item for item in found.evidence)


def test_bad_sources_move_less_than_good_ones(scene: Scene) -> None:
    value = scene.used("payment_method")
    good = scene.attribute(indicator("payment_method", value))
    bad = scene.attribute(indicator("payment_method", value, reliability="E", credibility="5"))
    assert of(bad, "Vermilion Desk") < of(good, "Vermilion Desk")


def test_leaving_the_only_item_out_returns_to_unknown(scene: Scene) -> None:
    found = scene.attribute(indicator("payment_method", scene.used("payment_method")))
    line = next(line for line in found.sensitivity if "payment_method" in line.without)
    assert line.operator == "Vermilion Desk"
    assert line.then < line.probability
    assert line.leads_then == "unknown"


def test_the_order_of_indicators_does_not_matter(scene: Scene) -> None:
    rows = [indicator("ip", scene.used("ip", r)) for r in range(4)]
    rows.append(indicator("payment_method", scene.used("payment_method"), operator="Other"))
    assert scene.attribute(*rows).as_json() == scene.attribute(*rows[::-1]).as_json()


def test_the_json_of_the_contract(scene: Scene) -> None:
    report: dict[str, Any] = scene.attribute(indicator("ip", scene.used("ip"))).as_json()
    assert set(report) == {
        "community", "layers", "evidence", "confidence", "sensitivity", "caveats",
    }  # fmt: skip
    assert set(report["layers"]) == {"supplier", "access", "beneficiary"}
    for rows in report["layers"].values():
        assert sum(row["probability"] for row in rows) == pytest.approx(1)
        assert all(set(row) == {"operator", "probability", "words"} for row in rows)
    wanted = {
        "item", "reliability", "credibility", "method", "costly_to_fake", "likelihoods",
        "diagnosticity",
    }  # fmt: skip
    assert all(wanted <= set(item) for item in report["evidence"])


def test_a_community_without_members_is_refused(scene: Scene) -> None:
    with pytest.raises(UsageError, match="no member"):
        attribute(community(**ASSESSED), scene.members.iloc[:0], scene.obs)


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (indicator("ip", "1.2.3.4", role="king"), "known role"),
        (indicator("ip", "1.2.3.4", reliability="Z"), "Admiralty"),
        (indicator("ip", "1.2.3.4", valid_from="soon"), "no time"),
        ({"kind": "ip", "value": "1.2.3.4"}, "source"),
    ],
)
def test_bad_indicators_are_refused_with_a_reason(
    scene: Scene, row: dict[str, str], says: str
) -> None:
    with pytest.raises(BadDataError, match=says):
        scene.attribute(row)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_indicator_files_are_read_alike(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame([indicator("ip", " 250.1.2.3 ", credibility="2")])
    path = tmp_path / f"known{suffix}"
    if suffix == ".csv":
        table.to_csv(path, index=False)
    elif suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    rows = read_indicators(path)
    assert rows.loc[0, ["kind", "value", "credibility"]].tolist() == ["ip", "250.1.2.3", "2"]


def test_no_indicator_file(tmp_path: Path) -> None:
    with pytest.raises(BadDataError, match="no indicator file"):
        read_indicators(tmp_path / "known.xlsx")
