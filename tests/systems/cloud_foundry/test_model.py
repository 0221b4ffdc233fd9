"""The model against EVIDENCE.md, told without the spec and without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mockserver.clock import VirtualClock
from mockserver.ids import Ids
from mockserver.state import Change, Conflict, Store
from mockserver.state.memory import MemoryStorage
from mockserver.systems.cloud_foundry.apps import STARTED, STOPPED, App, Revision
from mockserver.systems.cloud_foundry.deployment import Deployment
from mockserver.systems.cloud_foundry.foundation import DEVELOPMENT, ELSEWHERE, Organization, Space
from mockserver.systems.cloud_foundry.metadata import Metadata
from mockserver.systems.cloud_foundry.model import Deployments
from mockserver.systems.cloud_foundry.phases import Pace, Phase
from mockserver.systems.cloud_foundry.placing import Placing
from mockserver.systems.cloud_foundry.refusals import (
    AppNotUsable,
    DeploymentNotFound,
    DropletNotAssignable,
    OrganizationBeingDeleted,
    OrganizationSuspended,
    SpaceBeingDeleted,
    SpaceSuspended,
    TooMuchMetadata,
    Unprocessable,
    WrongPhase,
)
from mockserver.systems.cloud_foundry.roles import ADMIN, USER_SCOPES, Actor, refuse_unwritable
from mockserver.systems.cloud_foundry.wishes import CANARY, Plan, Wish

DEVELOPER = Actor("developer", USER_SCOPES, {DEVELOPMENT.guid: "space_developer"})
OUTSIDER = Actor("outsider", USER_SCOPES, {ELSEWHERE.guid: "space_developer"})
PACE = Pace(deploy=60, pause=20, cancel=5)
ACTIVE = ["DEPLOYING", "PREPAUSED", "PAUSED", "CANCELING"]
FINISHED = ["DEPLOYED", "CANCELED", "SUPERSEDED", "ABANDONED"]


@dataclass
class Foundation:
    """A model with the clock and the store it lives in, and an app to deploy."""

    store: Store = field(default_factory=lambda: MemoryStorage().store("cloud_foundry"))

    def __post_init__(self) -> None:
        self.clock = VirtualClock()
        ids = Ids(0)
        self.deployments = Deployments(self.store, self.clock, ids, PACE)
        self.placing = Placing(self.deployments, self.store, ids, PACE)

    def app(self, **facts: Any) -> str:
        revisions = (Revision("revision-1", 1, "old"),)
        usual = {"droplet": "old", "droplets": ("old", "new", "newer"), "revisions": revisions}
        self.placing.add_app(App.made("app", "billing", DEVELOPMENT.guid, **(usual | facts)))
        return "app"

    def create(self, **wish: Any) -> Deployment:
        return self.deployments.create(DEVELOPER, Wish("app", **wish))

    def canary(self, *weights: int) -> Deployment:
        return self.create(plan=Plan(CANARY, steps=weights or None))

    def placed(self, state: str, **fields: Any) -> str:
        return self.placing.place(state, fields, DEVELOPMENT.guid)

    def cancel(self, guid: str) -> Deployment:
        return self.deployments.cancel(DEVELOPER, guid)

    def resume(self, guid: str) -> Deployment:
        return self.deployments.resume(DEVELOPER, guid)

    def get(self, guid: str) -> Deployment:
        return self.deployments.get(DEVELOPER, guid)

    def status(self, guid: str) -> str:
        phase = self.get(guid).phase(self.clock.now())
        return f"{phase.status}/{phase.reason}"

    def state(self, guid: str) -> str:
        return self.get(guid).phase(self.clock.now()).state

    def the_app(self) -> App:
        return self.app_of("app")

    def app_of(self, guid: str) -> App:
        return next(app for app in self.deployments.visible_apps(DEVELOPER) if app.guid == guid)


@pytest.fixture
def foundation() -> Foundation:
    return Foundation()


def test_rolling_deployment_is_done_when_everything_is_replaced(foundation: Foundation) -> None:  # E7, E9
    foundation.app()
    guid = foundation.create().guid

    seen = [foundation.status(guid)]
    for seconds in (59.5, 0.5):
        foundation.clock.advance(seconds)
        seen.append(foundation.status(guid))

    assert seen == ["ACTIVE/DEPLOYING", "ACTIVE/DEPLOYING", "FINALIZED/DEPLOYED"]


def test_canary_pauses_at_each_step_and_then_rolls_on(foundation: Foundation) -> None:  # E7, E10, E11
    foundation.app()
    guid = foundation.canary(20, 50).guid

    walk = [(foundation.status(guid), foundation.state(guid), foundation.get(guid).facts["step"])]
    for _ in range(2):
        foundation.clock.advance(20)
        walk.append((foundation.status(guid), foundation.state(guid), foundation.get(guid).facts["step"]))
        foundation.resume(guid)
        walk.append((foundation.status(guid), foundation.state(guid), foundation.get(guid).facts["step"]))
    foundation.clock.advance(60)
    walk.append((foundation.status(guid), foundation.state(guid), foundation.get(guid).facts["step"]))

    assert walk == [
        ("ACTIVE/DEPLOYING", "PREPAUSED", 1),
        ("ACTIVE/PAUSED", "PAUSED", 1),
        ("ACTIVE/DEPLOYING", "PREPAUSED", 2),
        ("ACTIVE/PAUSED", "PAUSED", 2),
        ("ACTIVE/DEPLOYING", "DEPLOYING", 2),
        ("FINALIZED/DEPLOYED", "DEPLOYED", 2),
    ]


def test_canary_without_steps_pauses_once(foundation: Foundation) -> None:  # E54, A22
    foundation.app()
    guid = foundation.canary().guid
    foundation.clock.advance(20)

    foundation.resume(guid)

    assert foundation.state(guid) == "DEPLOYING"


def test_paused_canary_waits_for_its_user(foundation: Foundation) -> None:
    guid = foundation.placed("PAUSED")

    foundation.clock.advance(1_000_000)

    assert foundation.status(guid) == "ACTIVE/PAUSED"


@pytest.mark.parametrize("state", ["DEPLOYING", "PREPAUSED", "PAUSED"])
def test_cancel_shows_at_once_and_settles_by_itself(foundation: Foundation, state: str) -> None:  # E12, E14
    guid = foundation.placed(state)

    foundation.cancel(guid)
    at_once = foundation.status(guid)
    foundation.clock.advance(5)

    assert (at_once, foundation.status(guid)) == ("ACTIVE/CANCELING", "FINALIZED/CANCELED")


def test_cancelled_deployment_never_finishes_as_deployed(foundation: Foundation) -> None:
    guid = foundation.placed("DEPLOYING")
    foundation.clock.advance(59)

    foundation.cancel(guid)
    foundation.clock.advance(1_000_000)

    assert foundation.status(guid) == "FINALIZED/CANCELED"


def test_repeated_cancel_is_accepted_and_delays_nothing(foundation: Foundation) -> None:  # E13, A12
    guid = foundation.placed("DEPLOYING")
    first = foundation.cancel(guid)
    foundation.clock.advance(4)

    second = foundation.cancel(guid)
    foundation.clock.advance(1)

    assert second == first
    assert foundation.status(guid) == "FINALIZED/CANCELED"


@pytest.mark.parametrize(
    ("state", "reason"), [*zip(FINISHED[:3], FINISHED[:3], strict=True), ("ABANDONED", "SUPERSEDED")]
)
def test_cancel_of_a_finished_one_is_refused_with_its_reason(foundation: Foundation, state: str, reason: str) -> None:
    guid = foundation.placed(state)
    before = foundation.get(guid)

    with pytest.raises(WrongPhase, match=f"^Cannot cancel a deployment with status: FINALIZED and reason: {reason}$"):
        foundation.cancel(guid)  # E16

    assert foundation.get(guid) == before


@pytest.mark.parametrize("state", ["DEPLOYING", "PREPAUSED", "CANCELING", *FINISHED])
def test_continue_is_for_paused_ones_only(foundation: Foundation, state: str) -> None:  # E18
    guid = foundation.placed(state)
    before = foundation.get(guid)
    shown = foundation.status(guid).replace("/", " and reason: ")

    with pytest.raises(WrongPhase, match=f"^Cannot continue a deployment with status: {shown}$"):
        foundation.resume(guid)

    assert foundation.get(guid) == before


def test_cancel_without_a_droplet_to_go_back_to_is_refused(foundation: Foundation) -> None:  # E17
    guid = foundation.placed("DEPLOYING", previous_droplet=None)

    with pytest.raises(DropletNotAssignable):
        foundation.cancel(guid)

    assert foundation.status(guid) == "ACTIVE/DEPLOYING"


def test_first_deployment_of_an_app_without_a_droplet_cannot_be_cancelled(foundation: Foundation) -> None:  # E17, E19
    foundation.app(droplet=None)
    created = foundation.create(droplet="new")

    with pytest.raises(DropletNotAssignable):
        foundation.cancel(created.guid)

    assert (created.facts["previous_droplet"], foundation.the_app().facts["droplet"]) == (None, "new")


def test_current_droplet_moves_at_create_and_back_at_cancel(foundation: Foundation) -> None:  # E19
    foundation.app()

    created = foundation.create(droplet="new")
    after_create = foundation.the_app().facts["droplet"]
    foundation.cancel(created.guid)

    assert (created.facts["droplet"], created.facts["previous_droplet"], after_create) == ("new", "old", "new")
    assert foundation.the_app().facts["droplet"] == "old"


@pytest.mark.parametrize(
    ("state", "internal"), [("DEPLOYING", "DEPLOYED"), *((state, "CANCELED") for state in ACTIVE[1:])]
)
def test_second_create_supersedes_what_is_under_way(foundation: Foundation, state: str, internal: str) -> None:  # E15
    guid = foundation.placed(state)
    app = foundation.get(guid).facts["app"]

    second = foundation.deployments.create(DEVELOPER, Wish(app))

    assert (foundation.status(guid), foundation.state(guid)) == ("FINALIZED/SUPERSEDED", internal)
    assert foundation.status(second.guid) == "ACTIVE/DEPLOYING"


@pytest.mark.parametrize("state", FINISHED)
def test_second_create_leaves_a_finished_one_alone(foundation: Foundation, state: str) -> None:  # E15
    guid = foundation.placed(state)
    before = foundation.get(guid)

    foundation.deployments.create(DEVELOPER, Wish(before.facts["app"]))

    assert foundation.get(guid) == before


def test_superseded_one_never_changes_again(foundation: Foundation) -> None:
    foundation.app()
    first, second = foundation.create().guid, foundation.create().guid

    foundation.clock.advance(1_000_000)

    assert [foundation.status(guid) for guid in (first, second)] == ["FINALIZED/SUPERSEDED", "FINALIZED/DEPLOYED"]


def test_create_for_a_stopped_app_is_finished_at_once_and_starts_it(foundation: Foundation) -> None:  # E8
    foundation.app(state=STOPPED)

    created = foundation.create(plan=Plan(CANARY, steps=(50,)))

    assert (foundation.status(created.guid), list(created.facts["processes"])) == ("FINALIZED/DEPLOYED", [])
    assert foundation.the_app().facts["state"] == STARTED


def test_many_creates_keep_exactly_one_active(foundation: Foundation) -> None:  # E15
    foundation.app()

    guids = []
    for turn in range(12):
        guids.append(foundation.create().guid)
        if turn % 3 == 0:
            foundation.cancel(guids[-1])

    active = [guid for guid in guids if foundation.status(guid).startswith("ACTIVE")]
    assert active == guids[-1:]


def test_rollback_makes_a_new_revision_and_a_cancelled_one_stays_the_newest(foundation: Foundation) -> None:  # E50
    foundation.app()
    forward = foundation.create(droplet="new")
    back = foundation.create(revision="revision-1")
    foundation.cancel(back.guid)

    with pytest.raises(Unprocessable, match=r"^Unable to rollback"):
        foundation.create(revision="revision-1")

    versions = [each.revision.version for each in (forward, back) if each.revision]
    assert (versions, back.facts["droplet"], foundation.the_app().facts["droplet"]) == ([2, 3], "old", "new")


@pytest.mark.parametrize(
    ("facts", "wish", "text"),
    [
        ({"droplet": None}, {}, "Invalid droplet. Please specify a droplet in the request or set a current droplet"),
        ({}, {"droplet": "elsewhere"}, "Unable to assign current droplet."),
        ({}, {"revision": "revision-9"}, "The revision does not exist"),
        ({"droplets": ("new",)}, {"revision": "revision-1"}, "Unable to deploy this revision, the droplet for this"),
        ({"keeps_revisions": False}, {"revision": "revision-1"}, "Cannot create deployment from a revision for an app"),
        ({}, {"revision": "revision-1"}, "Unable to rollback. The code and configuration you are rolling back to"),
    ],
)
def test_source_that_cannot_be_deployed_is_refused_and_changes_nothing(
    foundation: Foundation, facts: Mapping[str, Any], wish: Mapping[str, Any], text: str
) -> None:  # E50, E55
    foundation.app(**facts)
    before = foundation.the_app()

    with pytest.raises(Unprocessable, match=text):
        foundation.create(**wish)

    assert foundation.the_app() == before
    assert foundation.deployments.visible(DEVELOPER) == []


def test_app_that_keeps_no_revisions_shows_and_makes_none(foundation: Foundation) -> None:  # E4, E50
    foundation.app(keeps_revisions=False, revisions=())

    assert foundation.create(droplet="new").revision is None
    assert foundation.the_app().revisions == ()


def test_deletion_is_said_before_suspension_and_the_organization_before_the_space() -> None:  # E27, E31
    both = {"suspended": True, "deleting": True}
    places = [
        Space("s", "", Organization("o", "", **both), **both),
        Space("s", "", Organization("o", "", suspended=True), **both),
        Space("s", "", Organization("o", "", suspended=True), suspended=True),
        Space("s", "", Organization("o", ""), suspended=True),
    ]

    for place, refusal in zip(
        places, (OrganizationBeingDeleted, SpaceBeingDeleted, OrganizationSuspended, SpaceSuspended), strict=True
    ):
        with pytest.raises(refusal):
            refuse_unwritable(DEVELOPER, place)


def test_another_organizations_deployment_does_not_exist(foundation: Foundation) -> None:  # E24
    guid = foundation.placed("DEPLOYING")

    for call in (foundation.deployments.get, foundation.deployments.cancel, foundation.deployments.resume):
        with pytest.raises(DeploymentNotFound):
            call(OUTSIDER, guid)

    assert foundation.deployments.visible(OUTSIDER) == []


def test_another_organizations_app_cannot_be_deployed(foundation: Foundation) -> None:  # E34
    foundation.app()

    with pytest.raises(AppNotUsable):
        foundation.deployments.create(OUTSIDER, Wish("app"))


@pytest.mark.parametrize("state", [*ACTIVE, *FINISHED])
def test_metadata_is_merged_in_every_phase(foundation: Foundation, state: str) -> None:  # E39
    guid = foundation.placed(state, metadata={"labels": {"keep": "1", "drop": "2"}})

    changed = foundation.deployments.update(DEVELOPER, guid, Metadata({"drop": None, "new": "3"}, {"note": "n"}))

    assert (changed.metadata.labels, changed.metadata.annotations) == ({"keep": "1", "new": "3"}, {"note": "n"})
    assert foundation.get(guid) == changed


def test_update_moves_its_own_time_only(foundation: Foundation) -> None:  # E51, A14
    guid = foundation.placed("DEPLOYING")
    foundation.clock.advance(7)
    before, now = foundation.get(guid), foundation.clock.now()

    foundation.deployments.update(DEVELOPER, guid, Metadata({"a": "b"}))

    after = foundation.get(guid)
    assert (after.updated_at(now), before.updated_at(now)) == (now, now - 7)
    assert (after.stage(now)[0], after.healthy_at(now)) == (before.stage(now)[0], before.healthy_at(now))


def test_labels_beyond_the_limit_are_refused(foundation: Foundation) -> None:  # E37, A16
    guid = foundation.placed("DEPLOYED", metadata={"labels": {f"l{n}": "" for n in range(49)}})

    with pytest.raises(TooMuchMetadata, match=r"^Failed to add 2 labels because it would exceed maximum of 50$"):
        foundation.deployments.update(DEVELOPER, guid, Metadata({"a": "", "b": ""}))


def test_healthcheck_time_moves_when_a_canary_pauses(foundation: Foundation) -> None:  # E51
    foundation.app()
    created = foundation.canary()
    foundation.clock.advance(30)

    now = foundation.clock.now()

    assert created.healthy_at(now) == created.stage(now)[0] == created.facts["created_at"] + 20


@pytest.mark.parametrize(
    ("state", "trigger", "following"),
    [
        ("DEPLOYING", "finish", "FINALIZED/DEPLOYED"),
        ("DEPLOYING", "cancel", "ACTIVE/CANCELING"),
        ("DEPLOYING", "supersede", "FINALIZED/SUPERSEDED"),
        ("PREPAUSED", "pause", "ACTIVE/PAUSED"),
        ("PAUSED", "continue", "ACTIVE/DEPLOYING"),
        ("CANCELING", "settle", "FINALIZED/CANCELED"),
        ("CANCELING", "supersede", "FINALIZED/SUPERSEDED"),
    ],
)
def test_control_takes_a_step_at_once(foundation: Foundation, state: str, trigger: str, following: str) -> None:
    guid = foundation.placed(state)

    foundation.placing.move(guid, trigger)

    assert foundation.status(guid) == following


@pytest.mark.parametrize(
    ("state", "trigger"),
    [("DEPLOYED", "cancel"), ("DEPLOYING", "pause"), ("PREPAUSED", "finish"), ("DEPLOYING", "fly")],
)
def test_control_refuses_a_step_that_is_not_there(foundation: Foundation, state: str, trigger: str) -> None:
    guid = foundation.placed(state)

    with pytest.raises(ValueError, match=guid):
        foundation.placing.move(guid, trigger)


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        ("FAILED", {}, "unknown state `FAILED`. Known states: DEPLOYING"),
        ("DEPLOYING", {"colour": "red"}, "unknown field `colour`. Known fields: app_name"),
        ("DEPLOYING", {"options": {"max_in_flight": 0}}, "Max in flight must be an integer greater than 0"),
        ("PAUSED", {"strategy": "rolling"}, "a rolling deployment is never PAUSED"),
    ],
)
def test_control_refuses_what_it_cannot_place(
    foundation: Foundation, state: str, fields: Mapping[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        foundation.placed(state, **fields)


@pytest.mark.parametrize("phase", list(Phase), ids=lambda phase: phase.name)
def test_placed_deployment_has_a_past_that_led_there(foundation: Foundation, phase: Phase) -> None:
    guid = foundation.placed(phase.name)

    placed, now = foundation.get(guid), foundation.clock.now()

    assert placed.phase(now) is phase
    assert placed.facts["created_at"] <= placed.stage(now)[0] <= now


class Overtaken:
    """A store in which somebody else commits first, once."""

    def __init__(self) -> None:
        self.calm = MemoryStorage().store("cloud_foundry")
        self.get, self.find, self.count = self.calm.get, self.calm.find, self.calm.count
        self.overtakers: list[Callable[[], object]] = []

    def commit(self, *changes: Change) -> None:
        if self.overtakers:
            self.overtakers.pop()()
        self.calm.commit(*changes)


def test_cancel_that_is_overtaken_by_another_decides_again() -> None:  # E13
    store = Overtaken()
    foundation = Foundation(store)
    guid = foundation.placed("DEPLOYING")
    store.overtakers.append(lambda: foundation.cancel(guid))

    second = foundation.cancel(guid)

    assert second == foundation.get(guid)
    assert [moment.state for moment in second.timeline.moments] == ["DEPLOYING", "CANCELING", "CANCELED"]


def test_cancel_that_is_overtaken_by_the_end_is_refused() -> None:  # E16
    store = Overtaken()
    foundation = Foundation(store)
    guid = foundation.placed("DEPLOYING")
    store.overtakers.append(lambda: foundation.placing.move(guid, "finish"))

    with pytest.raises(WrongPhase):
        foundation.cancel(guid)

    assert foundation.status(guid) == "FINALIZED/DEPLOYED"


def test_creates_that_overtake_each_other_leave_one_active() -> None:  # E15
    store = Overtaken()
    foundation = Foundation(store)
    foundation.app()
    store.overtakers.append(foundation.create)

    foundation.create()

    states = sorted(foundation.status(each.guid) for each in foundation.deployments.visible(DEVELOPER))
    assert states == ["ACTIVE/DEPLOYING", "FINALIZED/SUPERSEDED"]


def test_change_on_something_stale_is_a_conflict() -> None:
    foundation = Foundation()
    guid = foundation.placed("DEPLOYING")
    stale = foundation.store.get("deployment", guid)
    assert stale is not None
    foundation.cancel(guid)

    with pytest.raises(Conflict):
        foundation.deployments.enter(stale, Phase.DEPLOYED)


@pytest.mark.parametrize("offset", [0, 1, 3, 5])
@pytest.mark.parametrize("scopes", [USER_SCOPES, USER_SCOPES | {ADMIN}], ids=["two_spaces", "every_space"])
def test_page_of_several_spaces_is_part_of_the_whole(
    foundation: Foundation, scopes: frozenset[str], offset: int
) -> None:
    spaces = (DEVELOPMENT.guid, ELSEWHERE.guid, ELSEWHERE.guid, DEVELOPMENT.guid, ELSEWHERE.guid)
    placed = [foundation.placing.place("DEPLOYING", {}, space) for space in spaces]
    actor = Actor("auditor", scopes, dict.fromkeys(spaces, "space_auditor"))

    page = foundation.deployments.visible(actor, offset, 2)

    assert [each.guid for each in page] == placed[offset : offset + 2]
    assert foundation.deployments.count(actor) == len(placed)
