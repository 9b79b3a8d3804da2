"""Numbers for Prometheus: requests as they happen, the hub's state when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.clock import Clock
from hub.db import Database
from hub.delivery import letters, webhooks
from hub.delivery.pushing import subscriptions
from hub.models import Outbox, Release, Story
from hub.publishing import soundness
from hub.records import clock_trust


class StateCollector(Collector):
    """Reads the database when scraped."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._database.reading() as session:
            stories = GaugeMetricFamily("hub_stories", "Stories by state.", labels=["state"])
            for state, count in session.execute(select(Story.state, func.count()).group_by(Story.state)):
                stories.add_metric([state], count)
            yield stories
            yield GaugeMetricFamily(
                "hub_entries_not_rendered",
                "Kept fragments whose entry could not be rendered.",
                soundness.count_faults(session),
            )
            yield GaugeMetricFamily(
                "hub_outbox_waiting", "Work queued for the worker.", session.scalar(select(func.count(Outbox.id)))
            )
            late = (
                select(func.count(Release.id))
                .join(Story, Story.id == Release.story_id)
                .where(Release.state == "scheduled", Release.available_from <= self._clock.now(), Story.held.is_(False))
            )
            yield GaugeMetricFamily(
                "hub_releases_late", "Embargoes that ended and were not acted on.", session.scalar(late)
            )
            yield from _deliveries(session, self._clock.now())
            stopped = clock_trust.find_fault(session) is not None
            yield GaugeMetricFamily("hub_releases_stopped", "1 while the clock is not believed.", int(stopped))


def _deliveries(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    """What was sent out, and what was not."""
    mail = GaugeMetricFamily("hub_letters", "Mail to users by state.", labels=["state"])
    for state, count in letters.count_by_state(session).items():
        mail.add_metric([state], count)
    yield mail
    since = letters.oldest_due(session, now=now)
    waited = (now - since).total_seconds() if since else 0
    yield GaugeMetricFamily("hub_letters_late_seconds", "How long the oldest letter that is due has waited.", waited)
    hooks = GaugeMetricFamily("hub_webhook_deliveries", "Webhook deliveries by state.", labels=["state"])
    for state, count in webhooks.count_by_state(session).items():
        hooks.add_metric([state], count)
    yield hooks
    pushed = GaugeMetricFamily("hub_websub_subscriptions", "WebSub subscriptions by health.", labels=["health"])
    for health, count in subscriptions.count_by_health(session).items():
        pushed.add_metric([health], count)
    yield pushed


def make_registry(database: Database, clock: Clock) -> tuple[CollectorRegistry, Counter]:
    """A registry for one application, and its counter of answered requests (endpoint, status)."""
    registry = CollectorRegistry()
    registry.register(StateCollector(database, clock))
    requests = Counter("hub_requests", "Requests answered.", ["endpoint", "status"], registry=registry)
    return registry, requests
