"""The demo scenario: apps to deploy, deployments in every state, and some of other people's."""

from __future__ import annotations

from mockserver.system import Parts
from mockserver.systems.cloud_foundry.apps import STOPPED, App, Revision
from mockserver.systems.cloud_foundry.foundation import (
    DELETING,
    DEVELOPMENT,
    ELSEWHERE,
    IN_FROZEN,
    IN_LEAVING,
    SUSPENDED,
)
from mockserver.systems.cloud_foundry.phases import Phase
from mockserver.systems.cloud_foundry.placing import Placing

BILLING_OLD = "cc6bc315-bd06-49ce-92c2-bc3ad45268c2"
BILLING_NEW = "44ccfa61-dbcf-4a0d-82fe-f668e9d2a962"
STOREFRONT_DROPLET = "13deef86-ab10-41d0-b646-e1f40a097c97"
FORUM_DROPLET = "ca02135e-92b1-43f2-8ede-0d7ac3baea9e"

APPS = (
    App.made(
        guid="305cea31-5a44-45ca-b51b-e89c7a8ef8b2",
        name="billing",
        space=DEVELOPMENT.guid,
        droplet=BILLING_OLD,
        droplets=(BILLING_OLD, BILLING_NEW),
        revisions=(Revision("56126cba-656a-4eba-a81e-7e9951b2df57", 1, BILLING_OLD),),
    ),
    App.made(
        guid="0cb1e29c-658c-4a14-95e6-0af593bd04cd",
        name="storefront",
        space=DEVELOPMENT.guid,
        state=STOPPED,
        droplet=STOREFRONT_DROPLET,
        droplets=(STOREFRONT_DROPLET,),
    ),
    App.made(guid="57124242-5051-41cc-917f-9acae01f5057", name="blank", space=DEVELOPMENT.guid),
    App.made(
        guid="7f26144b-9828-4fcd-99a5-4a7bb1fee08f",
        name="forum",
        space=ELSEWHERE.guid,
        droplet=FORUM_DROPLET,
        droplets=(FORUM_DROPLET,),
        keeps_revisions=False,
    ),
)
"""Apps with fixed guids, to deploy to: one with two droplets, one stopped, one without a droplet, one elsewhere."""

DEPLOYMENTS = (
    (Phase.DEPLOYED, {"app_name": "search", "metadata": {"labels": {"release": "stable"}}}),
    (Phase.CANCELED, {"app_name": "payments"}),
    (Phase.SUPERSEDED, {"app_name": "mailer"}),
    (Phase.CANCELING, {"app_name": "ledger"}),
    (Phase.PAUSED, {"app_name": "checkout", "options": {"canary": {"steps": [{"instance_weight": 20}] * 2}}}),
    (Phase.PREPAUSED, {"app_name": "catalog", "metadata": {"annotations": {"note": "canary"}}}),
    (Phase.DEPLOYING, {"app_name": "gateway", "options": {"max_in_flight": 2, "web_instances": 4}}),
    (Phase.DEPLOYING, {"app_name": "first-ever", "previous_droplet": None}),
)
"""Of the owner's space: phase, and fields of the placement."""


def seed(parts: Parts) -> None:
    """Fill the mock for a first look."""
    placing = parts.model
    assert isinstance(placing, Placing)
    for app in APPS:
        placing.add_app(app)
    for phase, fields in DEPLOYMENTS:
        placing.place(phase.name, fields, DEVELOPMENT.guid)
    for space in (ELSEWHERE, IN_FROZEN, IN_LEAVING, SUSPENDED, DELETING):
        placing.place(Phase.DEPLOYING.name, {}, space.guid)
