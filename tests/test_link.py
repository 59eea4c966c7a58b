"""Links hold what they were made of, to the last bit, and nothing that is thrown at them does more than say so."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import zlib
from dataclasses import replace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import plans, worlds

from sim.book.samples import SAMPLES, load_sample
from sim.engine.run import MAX_MONTHS, MODEL_VERSION
from sim.plan.levers import LEVERS, Lever, lever_value, with_lever
from sim.plan.read import MAX_BYTES, PLAN_PRESETS, plan_preset
from sim.plan.schema import Curve, Plan, Tier
from sim.problems import InputError
from sim.share import link as links
from sim.share.link import LONGEST, MOST_SEED, MOST_TRIALS, Link, encode, fingerprint_of, opening, to_query
from sim.share.packed import MARK, MOST_CHARACTERS, _words, pack, unpack
from sim.share.read_link import Decoded, decode
from sim.world.parameters import ASSUMPTIONS, WORLD_PRESETS, world_preset

VIEWS = {"tab": ("first", "second"), "why": ("pay", "effort", "cost")}
RICHEST, ONE_SLIDER = 1_500, 300
"""Characters that a link may take: the promises to its users."""
ADDRESS = len("https://compensation.planning.example.com/what_if?")
SWITCHES = ("retention_capped", "expansion_capped", "expansion_gate")


def query(link: Link) -> str:
    pairs, problems = encode(link)
    assert problems == []
    return to_query(pairs)


def read(text: str) -> Decoded:
    return decode(parse_qsl(text, keep_blank_values=True), VIEWS)


def back(link: Link) -> Link:
    """The link after its journey through an address."""
    decoded = read(query(link))
    assert decoded.problems == ()
    assert decoded.model == MODEL_VERSION
    return decoded.link


def said(text: str) -> list[str]:
    """Its complaints about a link that still gives the opening for what could not be read."""
    return [str(problem) for problem in read(text).problems]


def movable(plan: Plan) -> list[Lever]:
    return [lever for lever in LEVERS if lever_value(plan, lever.name) is not None]


def values(lever: Lever) -> list[float | str | bool]:
    """Both ends of a lever, something between that no decimal number of few digits is, or all its choices."""
    if lever.widget == "slider":
        between = lever.low + (lever.high - lever.low) / 3.0
        return [lever.low, lever.high, round(between) if lever.step == 1.0 else between]
    return [word for word, _ in lever.options] or [True, False]


# --- there and back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_every_lever_of_every_preset_there_and_back(preset):
    start = plan_preset(preset)
    for plan in (start, *(with_lever(start, switch, True) for switch in SWITCHES if _has(start, switch))):
        for lever in movable(plan):
            for value in values(lever):
                moved = replace(opening(), preset=start, candidate=with_lever(plan, lever.name, value))
                assert back(moved) == moved


def _has(plan: Plan, lever: str) -> bool:
    return lever_value(plan, lever) is not None


@st.composite
def moved_plans(draw: st.DrawFn) -> tuple[Plan, Plan]:
    """A shipped or any other plan, and what some moves of its levers make of it, in any order."""
    start = draw(st.sampled_from(PLAN_PRESETS).map(plan_preset) | plans())
    plan = start
    for _ in range(draw(st.integers(0, 4))):
        lever = draw(st.sampled_from(movable(plan)))
        whole = st.integers(int(lever.low), int(lever.high))
        number = whole if lever.step == 1.0 else st.floats(lever.low, lever.high)
        try:
            plan = with_lever(
                plan, lever.name, draw(number if lever.widget == "slider" else st.sampled_from(values(lever)))
            )
        except InputError:
            continue
    return start, plan


@given(
    pair=moved_plans(),
    other=st.none() | plans(),
    current=st.sampled_from(PLAN_PRESETS).map(plan_preset) | plans(),
    sample=st.sampled_from(list(SAMPLES)),
    fingerprint=st.just("") | st.binary(min_size=16, max_size=16).map(bytes.hex),
    world_name=st.sampled_from(list(WORLD_PRESETS)),
    world=st.none() | worlds(),
    seed=st.integers(0, MOST_SEED),
    trials=st.integers(1, MOST_TRIALS),
    months=st.integers(1, MAX_MONTHS),
    why=st.sampled_from(VIEWS["why"]),
    listed=st.none() | st.lists(moved_plans(), max_size=4),
)
def test_whatever_a_session_holds_there_and_back(
    pair, other, current, sample, fingerprint, world_name, world, seed, trials, months, why, listed
):
    preset, candidate = pair
    views = {} if why == VIEWS["why"][0] else {"why": why}
    world = world_preset(world_name) if world is None else world
    if listed is None:
        compared = opening().plans
    else:
        compared = tuple(plan.model_copy(update={"name": f"Plan {n}"}) for n, (_, plan) in enumerate(listed))
    link = Link(
        sample,
        fingerprint,
        current,
        preset,
        other or candidate,
        world_name,
        world,
        seed,
        trials,
        months,
        compared,
        views,
    )
    assert back(link) == link
    assert len(query(link)) <= LONGEST


def test_every_assumption_at_a_number_of_many_digits():
    third = {row.name: row.low + (row.high - row.low) / 3.0 for row in ASSUMPTIONS.values()}
    link = replace(opening(), world=world_preset("mixed").changed(third), world_name="mixed")
    assert back(link) == link


def test_plans_in_force_started_from_and_compared_are_told_apart():
    shipped = [plan_preset(name) for name in PLAN_PRESETS[:3]]
    for current in shipped:
        for preset in shipped:
            for candidate in (*shipped, with_lever(preset, "variable_share", 0.3)):
                link = replace(opening(), current=current, preset=preset, candidate=candidate)
                assert back(link) == link


# --- what it looks like -----------------------------------------------------------------------------------


def test_a_simple_link_can_be_read_by_people():
    start = plan_preset("at_risk_70_30")
    link = replace(opening(), sample="startup", preset=start, candidate=with_lever(start, "retention_cap", 1.5), seed=7)
    assert query(link) == f"v=1&model={MODEL_VERSION}&book=startup&seed=7&plan=at_risk_70_30&rc=1.5"
    assert query(replace(opening(), views={"why": "cost"})) == f"v=1&model={MODEL_VERSION}&why=cost"


def test_a_link_written_by_hand_needs_no_version():
    decoded = read("book=enterprise&plan=posthog&mix=0.25&months=24")
    plan = plan_preset("posthog")
    expected = replace(
        opening(), sample="enterprise", preset=plan, candidate=with_lever(plan, "variable_share", 0.25), months=24
    )
    assert decoded == Decoded(expected, "", ())
    assert read("").link == opening()
    assert read("mix=0.4").link.candidate == with_lever(opening().current, "variable_share", 0.4)


def test_the_opening_of_this_version_is_what_links_leave_out():
    first = opening()
    assert (first.sample, first.fingerprint, first.seed, first.trials, first.months) == ("midmarket", "", 1, 1024, 12)
    assert first.current == first.preset == plan_preset("current_80_20")
    assert first.candidate == with_lever(first.current, "variable_share", 0.3)
    assert first.plans == (plan_preset("at_risk_80_20"), plan_preset("bonus_commission_mix"))
    assert (first.world_name, first.world) == ("base", world_preset("base"))
    assert links.VERSION == 1


def test_keys_mean_one_thing():
    keys = ["v", "model", "book", "hash", "current", "plan", "candidate", "world", "seed", "trials", "months", "vs"]
    keys += [*(lever.link for lever in LEVERS), *ASSUMPTIONS, "embed", "embed_options"]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("preset", PLAN_PRESETS)
def test_a_slider_moved_is_short_and_the_richest_preset_is_not_long(preset):
    start = plan_preset(preset)
    book = "f" * 32
    for lever in movable(start):
        for value in values(lever):
            link = replace(opening(), fingerprint=book, preset=start, candidate=with_lever(start, lever.name, value))
            assert ADDRESS + len(query(link)) < ONE_SLIDER, lever.name
    everything = start
    for lever in LEVERS:
        if lever_value(everything, lever.name) is not None:
            everything = with_lever(everything, lever.name, values(lever)[-1])
    for plan in (everything, everything.model_copy(update={"name": "Ours", "description": "What was agreed in May."})):
        rich = Link(
            "enterprise",
            book,
            plan,
            plan,
            plan,
            "mixed",
            world_preset("sceptic"),
            MOST_SEED,
            8192,
            36,
            (plan,),
            {"why": "cost"},
        )
        assert ADDRESS + len(query(rich)) <= RICHEST
        assert back(rich) == rich


def test_a_plan_that_no_link_can_hold_is_said_and_left_out():
    tiers = tuple(Tier(start=1.0 + n / 997, slope=1.0 + n / 1009) for n in range(400))
    part = plan_preset("posthog").components[0].model_copy(update={"curve": Curve(tiers=tiers)})
    plan = plan_preset("posthog").model_copy(update={"name": "Endless", "components": (part,)})
    pairs, problems = encode(replace(opening(), candidate=plan, seed=9))
    assert [str(problem) for problem in problems] == ["Endless: is too long for a link: pass it on as a file."]
    assert read(to_query(pairs)).link == replace(opening(), seed=9)


# --- no names, no salaries ----------------------------------------------------------------------------------


def test_nothing_of_an_account_or_a_person_is_in_a_link():
    book = load_sample("startup")
    marked = replace(
        book,
        name="MARKED",
        account_id=tuple(f"MARKED-{n}" for n in range(len(book))),
        account_name=("MARKED",) * len(book),
        segment=("MARKED",) * len(book),
        team=replace(book.team, csm_id=tuple(f"MARKED{n}" for n in range(len(book.team)))),
    )
    assert "marked" not in query(replace(opening(), fingerprint=fingerprint_of(marked))).lower()
    assert {field for field in Link.__dataclass_fields__ if "book" in field} == set()  # only its hash can be given


# --- what can't be read ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "where", "rule"),
    [
        ("book=acme", "book", "must be a sample book"),
        ("hash=../../etc/passwd", "hash", "32 digits"),
        ("hash=" + "A" * 32, "hash", "32 digits"),
        ("plan=at_risk_70_3", "plan", "the nearest is 'at_risk_70_30'"),
        ("current=", "current", "must be a shipped plan"),
        ("mix=7", "mix: Variable pay", "must be from 0 to 0.5"),
        ("mix=nan", "mix", "must be a number"),
        ("mix=1e999", "mix: Variable pay", "must be from 0 to 0.5"),
        ("mix=0,3", "mix", "must be a number"),
        ("mix=%D9%A1", "mix", "must be a number"),  # a digit, but an Arabic one
        ("mix=" + "1" * 400, "mix", "must be a number"),
        ("gate=yes", "gate", "must be one of on, off"),
        ("per=weekly", "per", "must be one of month, quarter, half, year"),
        ("gm=0.8", "gm: Retention that opens the gate", "cannot be set"),
        ("world=utopia", "world", "must be a response to pay"),
        ("churn_cut=0.9", "churn_cut: assumption churn_cut", "must be from 0 to 0.2"),
        ("seed=-1", "seed", "must be a whole number"),
        ("seed=1.5", "seed", "must be a whole number"),
        ("trials=1000000000", "trials", "must be a whole number from 1 to 16384"),
        ("months=0", "months", "must be a whole number from 1 to 36"),
        ("why=everything", "why", "must be something to look at"),
        ("sead=3", "sead", "is no setting of a link"),
        ("<script>alert(1)</script>=1", "<script>alert(1)</script>", "is no setting of a link"),
        ("v=2", "v", "read as version 1"),
        ("v=x", "v", "read as version 1"),
        ("model=<b>", "model", "must be the version of a model"),
        ("plan=~1AAAA", "plan: plan", "was cut or changed on the way"),
        ("plan=~2AAAA", "plan", "must be a shipped plan"),
        ("vs=at_risk_80_20&vs=bonus_commission_mix&vs=at_risk_80_20", "vs: name of the plan", "is taken"),
        ("vs=at_risk_80_20&vs=bonus_commission_mix&vs=x", "vs", "must be a shipped plan"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence_and_the_opening_stands(text, where, rule):
    (sentence,) = said(text)
    assert sentence.startswith(f"link, {where}: ")
    assert rule in sentence
    assert read(text).link == opening()


def test_what_can_be_read_counts_beside_what_cannot():
    decoded = read("mix=0.4&rt=7&seed=5&world=utopia&seed=6")
    assert decoded.link == replace(opening(), candidate=with_lever(opening().current, "variable_share", 0.4), seed=6)
    assert len(decoded.problems) == 3


def test_the_list_of_plans_is_named_in_order_and_may_be_empty():
    plans = (plan_preset("posthog"), plan_preset("flowfuse").model_copy(update={"name": "Ours"}))
    assert query(replace(opening(), plans=plans)).count("vs=") == 2
    assert query(replace(opening(), plans=())).endswith("&vs=")
    for listed in (plans, plans[::-1], ()):
        assert back(replace(opening(), plans=listed)).plans == listed
    assert "20 times at most" in said("&".join(["vs=posthog"] * 21))[-1]


def test_a_link_longer_than_any_is_not_read():
    (sentence,) = said("seed=5&plan=~1" + "A" * LONGEST)
    assert "6,000 characters" in sentence
    assert read("seed=5&plan=~1" + "A" * LONGEST).link == opening()
    assert len(said("&".join(f"k{n}=" for n in range(900)))) <= 4


def packed(content: bytes) -> str:
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_DEFAULT_STRATEGY, _words())
    return MARK + base64.urlsafe_b64encode(deflate.compress(content) + deflate.flush()).decode().rstrip("=")


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 50_000,
        b'{"name":"x","variable_share":0.2,"description":"' + b"a" * 2_000_000 + b'"}',
        b'{"name":"\\ud800","variable_share":0}',
        b'{"name":"x","variable_share":NaN}',
        b'{"name":"x","variable_share":' + b"9" * 5_000 + b"}",
        b'{"name":"x","variable_share":0,"components":[{"name":{"__class__":1}}]}',
        b'{"name":"x","variable_share":0,"__import__":"os"}',
        b"null",
        b"\xff\xfe",
        b"",
    ],
    ids=["brackets", "bomb", "surrogate", "nan", "digits", "wrong type", "extra key", "null", "no text", "nothing"],
)
def test_what_is_packed_is_an_input_like_any_other(content):
    text = packed(content)
    assert len(text) < MOST_CHARACTERS  # what it inflates to is what is refused
    with pytest.raises(InputError):
        unpack(text)
    assert read(f"candidate={text}").link == opening()


def test_no_more_is_inflated_than_a_plan_may_have(monkeypatch):
    asked = []

    class Watched:
        def __init__(self, *arguments: object) -> None:
            self.real = real(*arguments)

        def decompress(self, data: bytes, most: int) -> bytes:
            asked.append(most)
            return self.real.decompress(data, most)

        eof = property(lambda self: self.real.eof)
        unused_data = property(lambda self: self.real.unused_data)

    real = zlib.decompressobj
    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(InputError):
        unpack(packed(b" " * 2_000_000))
    assert asked == [MAX_BYTES]


def test_a_packed_plan_cut_or_changed_anywhere_is_noticed():
    plan = plan_preset("posthog").model_copy(update={"name": "Ours"})
    text = pack(plan)
    assert unpack(text) == plan
    for place in range(len(MARK), len(text) - 1):
        with pytest.raises(InputError):
            unpack(text[:place])
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(InputError):
            unpack(text[:place] + other + text[place + 1 :])


def test_words_that_links_are_packed_against_never_change():
    assert hashlib.sha256(_words()).hexdigest() == WORDS
    assert unpack("~1ePkgY31wQ1SKpUXFowMmNBgwAQAmPXVM") == plan_preset("posthog").model_copy(update={"name": "Ours"})


WORDS = "a9a5d582213ceda66ac56e644fce4fd354792887dfc5ffaca0ce1f8f64542365"


@given(plans())
@settings(max_examples=30)
def test_any_plan_can_be_packed(plan):
    assert unpack(pack(plan)) == plan
    assert json.loads(plan.model_dump_json()) == json.loads(unpack(pack(plan)).model_dump_json())


def test_ten_thousand_mangled_links_and_no_traceback():
    start = plan_preset("bonus_commission_mix")
    ours = start.model_copy(update={"name": "Ours"})
    whole = [
        query(replace(opening(), preset=start, candidate=with_lever(start, "variable_share", 0.25), seed=3)),
        query(
            Link(
                "startup",
                "ab" * 16,
                ours,
                ours,
                start,
                "mixed",
                world_preset("base"),
                5,
                512,
                24,
                (ours, start),
                {"why": "cost"},
            )
        ),
        "&".join(f"{lever.link}={values(lever)[-1]}" for lever in LEVERS),
        "&".join(f"{name}=0.1" for name in ASSUMPTIONS),
    ]
    scraps = [*"&=%~+<>$*_`[]()\\\x00\n\ud800é中😀‮0123456789.-eE", "%00", "%ff", "1e308", "nan", "__class__", "plan=~1"]
    luck = random.Random(4)
    for number in range(10_000):
        text = luck.choice(whole)
        for _ in range(luck.randint(1, 4)):
            at, to = sorted(luck.choices(range(len(text) + 1), k=2))
            text = luck.choice(
                [
                    text[:at] + text[to:],
                    text[:at] + luck.choice(scraps) * luck.randint(1, 3) + text[at:],
                    text[:at] + text[at:to] * 2 + text[to:],
                    text[to:] + text[:at],
                ]
            )
        decoded = read(text)
        assert isinstance(decoded, Decoded), number
        assert all(str(problem).endswith(".") for problem in decoded.problems)
        if number % 10 == 0:
            assert back(decoded.link) == decoded.link
