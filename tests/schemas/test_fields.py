"""Fields: who may see them, what a profile covers, which consent opens them."""

import pytest

import schemas
from schemas import Audience
from schemas.fields import node_paths

PROFILES = {item.code: item.extras["fields"] for item in schemas.vocabulary("profiles")}


def test_audiences_are_ordered_from_the_world_to_the_sealed_room():
    assert Audience.PUBLIC < Audience.OUTLET < Audience.DESK < Audience.SEALED
    for audience in Audience:
        assert Audience.named(audience.word) is audience


@pytest.mark.parametrize(
    ("path", "audience"),
    [
        ("title", Audience.PUBLIC),
        ("body.html", Audience.PUBLIC),
        ("topics", Audience.PUBLIC),
        ("subject.name", Audience.PUBLIC),
        ("subject.priority_groups", Audience.PUBLIC),
        ("subject.birth_year", Audience.OUTLET),
        ("subject.gender", Audience.OUTLET),
        ("subject.minor", Audience.DESK),
        ("subject.hazardous_work", Audience.OUTLET),
        ("place.detail", Audience.OUTLET),
        ("claims.source", Audience.OUTLET),
        ("spokesperson.contact.phone", Audience.OUTLET),
        ("interview.guests.contact.phone", Audience.OUTLET),
        ("interview.guests.availability.starts_at", Audience.OUTLET),
        ("interview.contact.name", Audience.OUTLET),
        ("embargo_until", Audience.OUTLET),
        ("evidence.description", Audience.DESK),
        ("consent.scopes", Audience.DESK),
        ("consent.guardian.relation", Audience.DESK),
        ("consent.guardian.name", Audience.SEALED),
        ("commendation.form", Audience.DESK),
        ("replaces", Audience.DESK),
        ("state", Audience.DESK),
        ("media.caption", Audience.PUBLIC),
        ("media.upload", Audience.PUBLIC),
        ("media.url", Audience.OUTLET),
        ("media.codec", Audience.OUTLET),
    ],
)
def test_a_field_has_the_strictest_audience_along_its_path(path, audience):
    assert schemas.fields()[path] is audience


@pytest.mark.parametrize(
    ("path", "language", "title"),
    [
        ("title", "vi", "Tiêu đề"),
        ("interview.guests.contact.phone", "en", "Interview card, Guests, Contact of the guest, Telephone"),
        ("no.such", "vi", "such"),
    ],
)
def test_a_path_has_its_title_through_arrays(path, language, title):
    assert schemas.title_of_path(path, language) == title


def test_only_leaves_are_fields():
    fields = schemas.fields()
    assert not {"body", "subject", "media", "interview.guests", "consent.guardian"} & set(fields)
    assert not any(other.startswith(path + ".") for path in fields for other in fields)


@pytest.mark.parametrize(
    ("kind", "audience"),
    [
        ("picture", Audience.PUBLIC),
        ("footage", Audience.OUTLET),
        ("contact", Audience.SEALED),
        ("", Audience.SEALED),
    ],
)
def test_a_picture_is_public_and_footage_is_for_outlets(kind, audience):
    assert schemas.media_audience(kind) is audience


@pytest.mark.parametrize(
    ("listed", "path", "expected"),
    [
        (["title"], "title", True),
        (["title"], "summary", False),
        (["titl"], "title", False),
        (["body"], "body.html", True),
        (["body.html"], "body.short", False),
        (["body.html"], "body", False),
        (["media"], "media.caption", True),
        (["interview"], "interview.guests.name", True),
        (["interview"], "interview.guests.contact", False),
        (["interview"], "interview.guests.contact.phone", False),
        (["interview"], "interview.contact.email", False),
        (["interview", "interview.contact"], "interview.contact.email", True),
        (["interview", "interview.contact"], "interview.guests.contact.email", False),
        (["interview", "interview.guests.contact"], "interview.guests.contact.phone", True),
        (["interview.guests.contact.phone"], "interview.guests.contact.phone", True),
        (["interview.guests.contact.phone"], "interview.guests.contact.email", False),
        (["spokesperson"], "spokesperson.name", True),
        (["spokesperson"], "spokesperson.contact.phone", False),
        ([], "title", False),
        (["nowhere"], "nowhere", False),
        (["media"], "media.nothing", False),
        ([""], "title", False),
    ],
)
def test_a_profile_covers_what_lies_below_but_never_a_contact_it_does_not_list(listed, path, expected):
    assert schemas.covers(listed, path) is expected
    assert schemas.covers(frozenset(listed), path) is expected


@pytest.mark.parametrize("profile", PROFILES)
def test_every_path_of_a_profile_stands_in_the_story(profile):
    extras = schemas.vocabulary("profiles")[profile].extras
    assert set(extras["fields"]) <= set(node_paths())
    assert len(set(extras["fields"])) == len(extras["fields"])
    for path in extras["required"]:
        assert schemas.covers(extras["fields"], path), path


@pytest.mark.parametrize(
    ("profile", "shown", "kept"),
    [
        (
            "public",
            ["title", "body.short", "subject.name", "unit.level", "place.commune", "byline.name", "media.alt"],
            [
                "subject.birth_year",
                "place.detail",
                "claims.text",
                "embargo_until",
                "spokesperson.name",
                "interview.title",
            ],
        ),
        (
            "column",
            ["method", "subject.birth_year", "place.detail", "claims.text", "spokesperson.contact.phone", "urgency"],
            [
                "interview.title",
                "interview.guests.name",
                "evidence.kind",
                "consent.scopes",
                "subject.minor",
                "replaces",
            ],
        ),
        (
            "segment",
            ["interview.guests.contact.phone", "interview.contact.name", "interview.slots.place", "spokesperson.name"],
            ["spokesperson.contact.phone", "commendation.form", "consent.guardian.name"],
        ),
        ("bulletin", ["claims.text", "title"], ["spokesperson.name", "subject.gender", "interview.title"]),
    ],
)
def test_a_profile_shows_what_its_product_needs(profile, shown, kept):
    covered = {path for path in schemas.fields() if schemas.covers(PROFILES[profile], path)}
    assert set(shown) <= covered
    assert not set(kept) & covered


def test_no_profile_lists_what_outlets_may_never_see():
    for listed in PROFILES.values():
        covered = {path for path in schemas.fields() if schemas.covers(listed, path)}
        assert all(schemas.fields()[path] <= Audience.OUTLET for path in covered)


def test_what_the_public_profile_shows_is_public_apart_from_footage():
    covered = {path for path in schemas.fields() if schemas.covers(PROFILES["public"], path)}
    assert {path for path in covered if schemas.fields()[path] > Audience.PUBLIC} == {
        "media.url",
        "media.codec",
        "media.duration_seconds",
    }


@pytest.mark.parametrize(
    ("path", "scopes"),
    [
        ("subject.name", {"name", "collective_name"}),
        ("subject.birth_year", {"age"}),
        ("media", {"image", "image_of_work"}),
        ("media.caption", {"image", "image_of_work"}),
        ("interview.guests.contact.phone", {"voice", "testimony", "live_appearance"}),
        ("body", {"work_story", "testimony"}),
        ("body.markdown", {"work_story", "testimony"}),
        ("metrics.value", {"work_story", "testimony"}),
        ("claims.text", {"work_story", "testimony"}),
        ("lesson", {"work_story", "testimony"}),
        ("title", set()),
        ("place", set()),
        ("subject.role", set()),
        ("byline.name", set()),
    ],
)
def test_consent_opens_the_fields_that_its_scopes_name(path, scopes):
    assert schemas.consent_needed(path) == scopes


def test_a_path_that_mixes_fields_with_and_without_consent_must_be_asked_by_its_leaves():
    with pytest.raises(ValueError, match="subject"):
        schemas.consent_needed("subject")
    with pytest.raises(KeyError):
        schemas.consent_needed("subject.nickname")


def test_every_path_of_a_consent_scope_stands_in_the_story():
    for item in schemas.vocabulary("consent_scopes"):
        assert set(item.extras["fields"]) <= set(node_paths()), item.code


def test_of_a_child_school_class_and_address_need_a_scope_of_their_own():
    assert schemas.child_consent_needed("subject.unit") == {"school"}
    assert schemas.child_consent_needed("subject.role") == {"class", "school_grade"}
    assert schemas.child_consent_needed("interview.guests.contact.address") == {"address"}
    assert schemas.child_consent_needed("body.html") == set()
