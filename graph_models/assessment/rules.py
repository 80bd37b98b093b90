"""The numbers of assessment, all in one table: what each finding says for each explanation.

Bits are log2 P(finding | explanation) up to a constant, set by hand from public reporting and from
what look-alikes are known to do; ``because`` gives the reason. Order of the bits: ASSESSMENTS.
"""

from __future__ import annotations

from dataclasses import dataclass

from graph_models.families import Family
from graph_models.inference import ASSESSMENTS

__all__ = ["MODEL", "PRIOR", "RULES", "Rule"]

MODEL = "assessment-2"

Bits = tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One finding: how strong it is comes from the profile (findings.py), what it says from here.

    ``group``: findings of one group are not independent and are capped together.
    ``says``: the sentence of the reason; fields of the profile in braces.
    """

    name: str
    group: str
    family: Family
    bits: Bits
    says: str
    because: str

    def __post_init__(self) -> None:
        if len(self.bits) != len(ASSESSMENTS):
            raise ValueError(f"{self.name}: give bits for each of {ASSESSMENTS}.")


#        campaign  reseller  organisation  household  shared_network  event  unexplained
PRIOR: Bits = (-2.0, -2.0, 0.0, 0.0, 0.0, -1.0, 0.0)
"""Before anything is known: most groups of linked accounts are innocent, so suspicion is low."""

RULES: tuple[Rule, ...] = (
    Rule(
        name="few members", group="size", family=Family.PROFILE,
        bits=(-7.0, -3.0, 0.0, 3.0, 0.0, -1.0, 1.0),
        says="Only {size:.0f} accounts belong to it.",
        because="Campaigns spread load over many accounts; two or three are a home or a colleague.",
    ),
    Rule(
        name="more than a home", group="size", family=Family.PROFILE,
        bits=(0.0, 0.0, 0.0, -9.0, 0.0, 0.0, 0.0),
        says="{size:.0f} accounts are more than a household has.",
        because="Homes hold two to five people.",
    ),
    Rule(
        name="several shared cards", group="infrastructure", family=Family.INSTRUMENT,
        bits=(2.5, 3.0, -1.5, -2.0, -2.0, -3.0, -0.5),
        says="{card_groups:.0f} payment methods each serve several members and none serves all.",
        because="Who must hide one payer rotates cards over accounts; firms and homes have one.",
    ),
    Rule(
        name="one card for all", group="infrastructure", family=Family.INSTRUMENT,
        bits=(-3.0, -2.0, 3.0, 2.0, -2.0, -2.0, 0.0),
        says="One payment method serves {card_top:.0%} of the members whose payments are known, or "
        "one a firm does.",
        because="A corporate or a family card is open about who pays.",
    ),
    Rule(
        name="own cards", group="infrastructure", family=Family.INSTRUMENT,
        bits=(-1.5, -2.5, -1.0, -0.5, 1.5, 1.5, 0.0),
        says="Members pay with cards of their own.",
        because="Strangers behind one network or at one event each pay for themselves.",
    ),
    Rule(
        name="several shared devices", group="infrastructure", family=Family.DEVICE,
        bits=(2.0, 2.0, -1.0, -1.0, -1.5, -1.5, -0.5),
        says="{device_groups:.0f} devices each run several members.",
        because="Farms run many accounts on few machines; staff and students have their own.",
    ),
    Rule(
        name="own devices", group="infrastructure", family=Family.DEVICE,
        bits=(-1.5, -1.0, 0.5, 0.5, 1.0, 1.0, 0.0),
        says="Members use devices of their own.",
        because="One machine a person is what ordinary groups look like.",
    ),
    Rule(
        name="one connection", group="infrastructure", family=Family.NETWORK,
        bits=(-1.5, -1.0, 1.5, 1.0, 0.5, 0.3, 0.0),
        says="{ip_top:.0%} of the members come from one address that few others use.",
        because="An office, a home or a server room has one line; who hides spreads over proxies.",
    ),
    Rule(
        name="network alone", group="infrastructure", family=Family.NETWORK,
        bits=(-4.0, -3.0, 0.0, 0.5, 4.0, 0.0, 0.0),
        says="{bits_network:.0%} of what links the members is the network alone.",
        because="Carrier NAT, campuses and VPN exits join strangers by address alone.",
    ),
    Rule(
        name="common work queue", group="work", family=Family.PROMPTS,
        bits=(4.5, -4.0, 1.5, -3.0, -3.0, -1.0, -1.0),
        says="{frame_share:.0%} of the traffic lies in {frame_count:.0f} prompt frames that "
        "members share and others hardly use, over {frame_days:.0f} days.",
        because="Near-identical prompts over many accounts for weeks are the mark of a "
        "distributed job (public post of February 2026); a firm's product does so on few accounts.",
    ),
    Rule(
        name="same texts again", group="work", family=Family.PROMPTS,
        bits=(-2.5, -0.5, 0.5, 0.0, 0.0, 2.5, 0.5),
        says="{repeats:.0%} of the members' distinct prompts were sent word for word by another "
        "member too, {repeats_random:.0%} of those of random accounts.",
        because="Exercises, tutorials and benchmarks hand the same text to everybody; a work queue "
        "hands each item out once.",
    ),
    Rule(
        name="frames of a few days", group="work", family=Family.PROMPTS,
        bits=(-4.0, -3.0, -0.5, -2.0, -1.5, 4.0, 0.0),
        says="The shared prompt frames were in use for {frame_days:.0f} days only.",
        because="Homework and hackathon tasks have a date; a campaign's queue runs for weeks.",
    ),
    Rule(
        name="no common work", group="work", family=Family.PROMPTS,
        bits=(-5.0, 2.0, 0.0, 1.0, 1.5, -3.0, 0.0),
        says="Members have next to no prompt frames in common that others do not use "
        "({frame_share:.0%} of the traffic).",
        because="Strangers ask their own questions.",
    ),
    Rule(
        name="narrow capability", group="focus", family=Family.PROMPTS,
        bits=(2.5, -2.5, 0.5, -0.5, -2.0, 0.5, 0.0),
        says="The mix of capabilities is {capability_kl:.2f} bits away from everybody else's "
        "(random pools of this size stay below {capability_random:.2f}); {capability_top:.0%} is "
        "one capability.",
        because="Campaigns buy one or two capabilities; customers want everything.",
    ),
    Rule(
        name="ordinary capability mix", group="focus", family=Family.PROMPTS,
        bits=(-3.0, 2.0, 0.0, 0.5, 1.5, -0.5, 0.0),
        says="The mix of capabilities is like everybody else's ({capability_kl:.1f} bits away).",
        because="A random pool of customers has the population's mix.",
    ),
    Rule(
        name="elicitation", group="focus", family=Family.PROMPTS,
        bits=(2.5, -1.0, -0.5, -1.5, -1.0, -0.5, 0.0),
        says="{elicited:.0%} of the exchanges ask for reasoning traces, rubric grading or safe "
        "rewriting; in random pools of this size it is {elicited_random:.0%} at most.",
        because="Training data needs the reasoning and the grades, products rarely do.",
    ),
    Rule(
        name="work alike", group="focus", family=Family.PROMPTS,
        bits=(1.0, -2.0, 0.7, 0.0, -1.5, 0.7, 0.0),
        says="Members ask for the same kinds of work: their mixes differ by {work_differ:.0%} of "
        "what everybody's do.",
        because="A work list makes members alike, and so do a house style and homework.",
    ),
    Rule(
        name="round the clock", group="rhythm", family=Family.TIMING,
        bits=(1.5, 0.0, 0.5, -2.0, -1.5, -1.0, 0.0),
        says="Single members are active round the clock: {quiet_own:.0%} of their active hours "
        "fall in their quietest eight; 33 % would be flat.",
        because="Machines do not sleep; automation at a firm does not either, so it is mild.",
    ),
    Rule(
        name="somebody sleeps", group="rhythm", family=Family.TIMING,
        bits=(-0.7, 0.3, 0.3, 0.5, 0.3, 0.3, 0.0),
        says="Members rest every day: {quiet_own:.0%} of their active hours fall in their quietest "
        "eight.",
        because="People sleep; operators with day shifts do too, so it is mild.",
    ),
    Rule(
        name="days alike", group="rhythm", family=Family.TIMING,
        bits=(1.5, -2.0, 1.0, -1.0, -1.5, -0.5, -1.0),
        says="Members keep the same hours: their days differ by {hours_differ:.0%} of what "
        "everybody's do, which {hours_rarity:.1%} of random pools of this size reach.",
        because="One hand or one scheduler gives one day to all; strangers live in their own time "
        "zones and habits.",
    ),
    Rule(
        name="days of their own", group="rhythm", family=Family.TIMING,
        bits=(-2.0, 1.0, 0.0, 0.0, 0.5, 0.0, 0.3),
        says="Members' days differ by {hours_differ:.0%} of what everybody's do: they live lives "
        "of their own.",
        because="Customers of one seller have nothing in common but the seller.",
    ),
    Rule(
        name="in step", group="rhythm", family=Family.TIMING,
        bits=(2.5, -1.5, 0.5, -0.5, -1.5, 1.0, -1.0),
        says="Members act in the same ten minutes {step:.1f} times as often as their habits "
        "explain (their days shifted against each other).",
        because="Batches that one dispatcher hands out begin together; a lesson does too, and "
        "people who only share a card or an address are independent.",
    ),
    Rule(
        name="independent times", group="rhythm", family=Family.TIMING,
        bits=(-1.0, 0.7, 0.0, 0.0, 0.5, 0.0, 0.3),
        says="Members act independently of each other: coincidences are {step:.1f} times what "
        "their habits explain.",
        because="Independent people meet by chance only; careful operators spread their work too.",
    ),
    Rule(
        name="burst", group="rhythm", family=Family.TIMING,
        bits=(-2.5, -2.0, -1.0, -1.0, -1.0, 3.0, 0.5),
        says="{burst:.0%} of the exchanges fall into one week.",
        because="An event ends; work and life go on.",
    ),
    Rule(
        name="replacements", group="lifecycle", family=Family.LIFECYCLE,
        bits=(2.0, 1.5, -2.0, -1.5, -1.5, -1.5, 0.0),
        says="After closures members were opened {respawn:.1f} bits faster than at other times.",
        because="A banned account is replaced by who still has work to do.",
    ),
    Rule(
        name="many closures", group="lifecycle", family=Family.LIFECYCLE,
        bits=(1.0, 1.0, -1.0, -1.0, -0.5, -0.5, 0.0),
        says="{closed:.0%} of the members were closed.",
        because="Earlier enforcement met them, for whatever reason.",
    ),
    Rule(
        name="births together", group="lifecycle", family=Family.LIFECYCLE,
        bits=(0.5, 0.3, 0.2, 0.0, -1.0, 1.0, 0.0),
        says="Members were opened together: the densest week holds {births:.1f} bits more of them "
        "than of everybody; random pools of this size stay below {births_random:.1f}.",
        because="Accounts come in batches to operators, classes and new teams alike.",
    ),
    Rule(
        name="moved at once", group="lifecycle", family=Family.LIFECYCLE,
        bits=(2.0, -1.0, 0.3, -0.5, -1.0, -0.5, -0.3),
        says="Within 24 hours of {moved_to} {moved:.0%} of the community's traffic moved to it, "
        "{moved_others:.0%} of everybody else's.",
        because="Half of one campaign's traffic moved within a day (post of February 2026).",
    ),
    Rule(
        name="volumes alike", group="lifecycle", family=Family.LIFECYCLE,
        bits=(1.5, -1.0, 0.3, 0.0, -1.0, 0.3, -0.7),
        says="Members make about as many exchanges a day as each other: they differ by "
        "{volume_differ:.0%} of what everybody does.",
        because="A dispatcher spreads load; people differ by orders of magnitude.",
    ),
    Rule(
        name="volumes of their own", group="lifecycle", family=Family.LIFECYCLE,
        bits=(-1.0, 0.5, 0.0, 0.0, 0.3, 0.0, 0.2),
        says="Members' volumes differ by {volume_differ:.0%} of what everybody's do.",
        because="People use a service as much as they need, each differently.",
    ),
    Rule(
        name="one organisation", group="profile", family=Family.PROFILE,
        bits=(-2.5, -2.5, 3.5, -2.0, -1.0, -0.5, 0.0),
        says="{organisation_cover:.0%} of the members name an organisation that others name too.",
        because="A firm that signs its name hides nothing, though names are typed in.",
    ),
    Rule(
        name="no organisation", group="profile", family=Family.PROFILE,
        bits=(0.3, 0.3, -2.5, 0.5, 0.5, 0.0, 0.0),
        says="Members name no common organisation.",
        because="Staff accounts usually carry their firm's name.",
    ),
    Rule(
        name="one own domain", group="profile", family=Family.PROFILE,
        bits=(-1.5, -2.0, 2.5, -1.0, -0.5, 0.0, 0.0),
        says="{domain_top:.0%} of the members have mailboxes at one domain of their own.",
        because="Firms and schools own a domain; catch-all domains imitate that, so it is less.",
    ),
    Rule(
        name="no own domain", group="profile", family=Family.PROFILE,
        bits=(0.3, 0.3, -2.0, 0.5, 0.3, 0.0, 0.0),
        says="Members have mailboxes at many domains.",
        because="Staff accounts usually share their firm's domain.",
    ),
    Rule(
        name="education", group="profile", family=Family.PROFILE,
        bits=(-0.7, -1.0, -0.5, -0.5, 1.0, 1.5, 0.0),
        says="{education:.0%} of the members came through an education programme.",
        because="Classes do; operators abuse such programmes too, so it is mild.",
    ),
    Rule(
        name="as chance would", group="chance", family=Family.PROFILE,
        bits=(-3.0, -2.0, -1.5, -1.0, -0.5, -1.0, 1.5),
        says="Dealing all identifiers anew makes a community this strong too (p = {chance_p:.2f}).",
        because="What chance makes needs no other cause; the reverse does not hold.",
    ),
    Rule(
        name="cleared", group="label", family=Family.PROFILE,
        bits=(-6.0, -2.0, 1.0, 0.5, 0.5, 0.5, 0.5),
        says="{cleared:.0%} of the members were reviewed and cleared.",
        because="An earlier review outweighs a pattern until new evidence comes.",
    ),
)  # fmt: skip
