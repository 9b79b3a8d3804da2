"""The hub's own XML namespace: the structured fields of a story beside RSS and Atom.

Every element is described in ``schemas/story-namespace.md``; the JSON twin is ``feeds/story_json.py``.
Text of people stands in elements, codes, numbers, dates and short labels in attributes; what is absent
is left out. The elements are written as text: as trees, eighty of them would cost more than the entry.
"""

from __future__ import annotations

from feeds.dates import rfc3339
from feeds.document import (
    Claim,
    Contact,
    Entry,
    Footage,
    Guest,
    Interview,
    Metric,
    Person,
    Place,
    Slot,
    Status,
    Story,
    Subject,
    Tombstone,
    Unit,
    Visual,
    Words,
)
from feeds.markup import Fragment

NAMESPACE = "tag:hub.example,2026:story:1"
PREFIX = "hub"

# Elements and attributes that hold one text.
_ADDRESS = "<hub:address>%s</hub:address>"
_ALT = "<hub:alt>%s</hub:alt>"
_CAPTION = "<hub:caption>%s</hub:caption>"
_SEVERITY = ' severity="%s"'
_COMMUNE = "<hub:commune>%s</hub:commune>"
_CREDIT = "<hub:credit>%s</hub:credit>"
_DEED = "<hub:deed>%s</hub:deed>"
_DETAIL = "<hub:detail>%s</hub:detail>"
_EMAIL = "<hub:email>%s</hub:email>"
_FORMAT = "<hub:format>%s</hub:format>"
_KIND = "<hub:kind>%s</hub:kind>"
_LESSON = "<hub:lesson>%s</hub:lesson>"
_METHOD = "<hub:method>%s</hub:method>"
_MOVEMENT = "<hub:movement>%s</hub:movement>"
_NAME = "<hub:name>%s</hub:name>"
_NOTES = "<hub:notes>%s</hub:notes>"
_NOTES_FOR_CREW = "<hub:notes-for-crew>%s</hub:notes-for-crew>"
_OFF_LIMITS = "<hub:off-limits>%s</hub:off-limits>"
_ORGANIZATION = "<hub:organization>%s</hub:organization>"
_PHONE = "<hub:phone>%s</hub:phone>"
_POSITION = "<hub:position>%s</hub:position>"
_PRIORITY_GROUP = "<hub:priority-group>%s</hub:priority-group>"
_PROVINCE = "<hub:province>%s</hub:province>"
_QUESTION = "<hub:question>%s</hub:question>"
_RESULT = "<hub:result>%s</hub:result>"
_RIGHTS = "<hub:rights>%s</hub:rights>"
_ROLE = "<hub:role>%s</hub:role>"
_SHORT_BODY = '<hub:short-body type="html">%s</hub:short-body>'
_STAGE = "<hub:stage>%s</hub:stage>"
_STANDFIRST = "<hub:standfirst>%s</hub:standfirst>"
_SUPPLIER = "<hub:supplier>%s</hub:supplier>"
_TEST = "<hub:test>true</hub:test>"
_TITLE = "<hub:title>%s</hub:title>"
_USAGE = "<hub:usage>%s</hub:usage>"
_UNIT = "<hub:unit>%s</hub:unit>"


def write_entry_fields(xml: Fragment, entry: Entry) -> None:
    """The ``hub:`` elements of an entry, in the order of the namespace's document."""
    xml.add(f'<hub:story id="{entry.story_id and "%s"}" version="{entry.version}" number="{entry.number}"/>')
    xml.add(f"<hub:status>{entry.status.value}</hub:status>{_TEST if entry.is_test else ''}")
    xml.put((entry.story_id,))
    _correction(xml, entry)
    for person in entry.authors:
        if person.role or person.organization or person.email:  # a bare name is dc:creator or atom:author
            _person(xml, "byline", person)
    _each(xml, _SUPPLIER, tuple(supplier.name for supplier in entry.suppliers))
    _each(xml, _USAGE, entry.usages)
    _words(xml, entry.words)
    _story(xml, entry.story)


def write_tombstone_fields(xml: Fragment, tombstone: Tombstone) -> None:
    """What an item says of a withdrawn story: that it is withdrawn, and which one it was; nothing more."""
    xml.add(f'<hub:story id="{tombstone.story_id and "%s"}" number="{tombstone.number}"/>')
    xml.add(f"<hub:status>{Status.WITHDRAWN.value}</hub:status>{_TEST if tombstone.is_test else ''}")
    xml.put((tombstone.story_id,))


def _correction(xml: Fragment, entry: Entry) -> None:
    said = entry.corrected
    if said is None and not entry.correction:
        return
    grade, at = "", ""
    if said is not None:
        grade = f"{said.severity and _SEVERITY}{_number('replaces', said.replaces)}"
        at = f' at="{rfc3339(said.at)}"' if said.at else ""
    xml.add(f"<hub:correction{grade}{at}>{entry.correction and '%s'}</hub:correction>")
    xml.put((said.severity if said else "", entry.correction))


def _story(xml: Fragment, story: Story) -> None:
    xml.add(f"{story.kind and _KIND}{story.stage and _STAGE}{story.standfirst and _STANDFIRST}")
    xml.put((story.kind, story.stage, story.standfirst))
    if story.subject is not None:
        _subject(xml, story.subject)
    if story.unit is not None:
        _unit(xml, story.unit)
    if story.place is not None:
        _place(xml, story.place)
    xml.add(f"{story.movement and _MOVEMENT}{story.deed and _DEED}{story.method and _METHOD}{story.result and _RESULT}")
    xml.put((story.movement, story.deed, story.method, story.result))
    for metric in story.metrics:
        _metric(xml, metric)
    xml.add(story.lesson and _LESSON)
    xml.put((story.lesson,))
    _occurred(xml, story)
    for claim in story.claims:
        _claim(xml, claim)
    if story.spokesperson is not None:
        _person(xml, "spokesperson", story.spokesperson)
    if story.spokesperson_contact is not None:
        _contact(xml, "spokesperson-contact", story.spokesperson_contact)
    if story.interview is not None:
        _interview(xml, story.interview)
    for footage in story.footage:
        _footage(xml, footage)
    xml.add(story.short_body and _SHORT_BODY)
    xml.put((story.short_body,))
    if story.embargo_until is not None:
        xml.add(f"<hub:embargo-until>{rfc3339(story.embargo_until)}</hub:embargo-until>")
    if story.urgency is not None:
        xml.add(f"<hub:urgency>{story.urgency}</hub:urgency>")


def _words(xml: Fragment, words: Words) -> None:
    """Counts that are 0 stay out: the text is not there."""
    counts = {"standfirst": words.standfirst, "body": words.body, "short": words.short}
    told = "".join(f' {name}="{count}"' for name, count in counts.items() if count)
    xml.add(told and f"<hub:words{told}/>")


def _subject(xml: Fragment, subject: Subject) -> None:
    kind, gender = subject.type and ' type="%s"', subject.gender and ' gender="%s"'
    hazardous = None if subject.hazardous_work is None else str(subject.hazardous_work).lower()
    xml.add(
        f"<hub:subject{kind}{gender}{_number('birth-year', subject.birth_year)}"
        f"{_number('member-count', subject.member_count)}{_number('hazardous-work', hazardous)}>"
        f"{subject.name and _NAME}{subject.role and _ROLE}{subject.unit and _UNIT}"
    )
    xml.put((subject.type, subject.gender, subject.name, subject.role, subject.unit))
    _each(xml, _PRIORITY_GROUP, subject.priority_groups)
    xml.add("</hub:subject>")


def _unit(xml: Fragment, unit: Unit) -> None:
    kind, level = unit.kind and ' kind="%s"', unit.level and ' level="%s"'
    xml.add(f"<hub:unit{kind}{level}>{unit.name and '%s'}</hub:unit>")
    xml.put((unit.kind, unit.level, unit.name))


def _place(xml: Fragment, place: Place) -> None:
    parts = f"{place.commune and _COMMUNE}{place.province and _PROVINCE}{place.detail and _DETAIL}"
    xml.add(f"<hub:place>{parts}</hub:place>")
    xml.put((place.commune, place.province, place.detail))


def _metric(xml: Fragment, metric: Metric) -> None:
    unit, period = metric.unit and ' unit="%s"', metric.period and ' period="%s"'
    figures = f' value="{metric.value}"{_number("before", metric.before)}'
    xml.add(f"<hub:metric{figures}{unit}{period}>{metric.label and '%s'}</hub:metric>")
    xml.put((metric.unit, metric.period, metric.label))


def _occurred(xml: Fragment, story: Story) -> None:
    if story.occurred_from is None and story.occurred_to is None:
        return
    begin = f' from="{story.occurred_from.isoformat()}"' if story.occurred_from else ""
    end = f' to="{story.occurred_to.isoformat()}"' if story.occurred_to else ""
    xml.add(f"<hub:occurred{begin}{end}/>")


def _claim(xml: Fragment, claim: Claim) -> None:
    source, kind = claim.source and ' source="%s"', claim.source_kind and ' source-kind="%s"'
    xml.add(f"<hub:claim{source}{kind}>{claim.text and '%s'}</hub:claim>")
    xml.put((claim.source, claim.source_kind, claim.text))


def _person(xml: Fragment, element: str, person: Person) -> None:
    work = f"{person.role and _ROLE}{person.organization and _ORGANIZATION}"
    xml.add(f"<hub:{element}>{person.name and _NAME}{work}{person.email and _EMAIL}</hub:{element}>")
    xml.put((person.name, person.role, person.organization, person.email))


def _contact(xml: Fragment, element: str, contact: Contact) -> None:
    ways = f"{contact.phone and _PHONE}{contact.email and _EMAIL}{contact.address and _ADDRESS}"
    xml.add(f"<hub:{element}>{contact.name and _NAME}{ways}</hub:{element}>")
    xml.put((contact.name, contact.phone, contact.email, contact.address))


def _interview(xml: Fragment, card: Interview) -> None:
    xml.add(f"<hub:interview{_number('duration-minutes', card.duration_minutes)}>")
    xml.add(f"{card.title and _TITLE}{card.format and _FORMAT}")
    xml.put((card.title, card.format))
    for guest in card.guests:
        _guest(xml, guest)
    _each(xml, _QUESTION, card.suggested_questions)
    for visual in card.visuals:
        _visual(xml, visual)
    for slot in card.slots:
        _slot(xml, "slot", slot)
    _each(xml, _OFF_LIMITS, card.off_limits)
    xml.add(card.notes_for_crew and _NOTES_FOR_CREW)
    xml.put((card.notes_for_crew,))
    if card.contact is not None:
        _contact(xml, "contact", card.contact)
    xml.add("</hub:interview>")


def _guest(xml: Fragment, guest: Guest) -> None:
    xml.add(f"<hub:guest>{guest.name and _NAME}{guest.role and _ROLE}{guest.position and _POSITION}")
    xml.add(guest.notes and _NOTES)
    xml.put((guest.name, guest.role, guest.position, guest.notes))
    if guest.contact is not None:
        _contact(xml, "contact", guest.contact)
    for slot in guest.availability:
        _slot(xml, "availability", slot)
    _each(xml, _OFF_LIMITS, guest.off_limits)
    xml.add("</hub:guest>")


def _visual(xml: Fragment, visual: Visual) -> None:
    xml.add(f"<hub:visual{_number('seconds', visual.seconds)}>{visual.description and '%s'}</hub:visual>")
    xml.put((visual.description,))


def _slot(xml: Fragment, element: str, slot: Slot) -> None:
    place, purpose = slot.place and ' place="%s"', slot.purpose and ' purpose="%s"'
    window = f'starts-at="{rfc3339(slot.starts_at)}" ends-at="{rfc3339(slot.ends_at)}"'
    xml.add(f"<hub:{element} {window}{place}{purpose}/>")
    xml.put((slot.place, slot.purpose))


def _footage(xml: Fragment, footage: Footage) -> None:
    codec = footage.codec and ' codec="%s"'
    duration = _number("duration-seconds", footage.duration_seconds)
    kept = f' type="{footage.media_type}" length="{footage.length}"' if footage.length else ""
    xml.add(f'<hub:footage url="{footage.url and "%s"}"{kept}{duration}{codec}>')
    xml.add(f"{footage.caption and _CAPTION}{footage.alt and _ALT}{footage.credit and _CREDIT}")
    xml.add(f"{footage.rights and _RIGHTS}</hub:footage>")
    xml.put((footage.url, footage.codec, footage.caption, footage.alt, footage.credit, footage.rights))


def _each(xml: Fragment, element: str, values: tuple[str, ...]) -> None:
    present = list(filter(None, values))
    xml.add(element * len(present))
    xml.put(present)


def _number(name: str, value: float | str | None) -> str:
    return "" if value is None else f' {name}="{value}"'
