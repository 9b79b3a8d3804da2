"""Versions as disclosures: RFC 9901's form, chained, and partly forgettable."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.records.disclosures import digest_of, disclose, reveal, version_digest

names = st.text("abcdefgh_", min_size=1, max_size=6)
leaves = st.one_of(
    st.text(max_size=20), st.integers(-(2**53) + 1, 2**53 - 1), st.booleans(), st.lists(st.text(max_size=5))
)
objects = st.dictionaries(names, leaves, min_size=1, max_size=3)
nested = st.one_of(leaves, objects, st.lists(objects, max_size=12), st.dictionaries(names, objects, max_size=3))
contents = st.dictionaries(names, nested, max_size=5)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine draws slowly
@given(content=contents)
def test_what_is_disclosed_can_be_revealed(content: dict[str, Any]) -> None:
    assert reveal(disclose(content, previous="").disclosures) == content


@given(content=contents)
def test_equal_contents_have_unequal_digests_since_salts_are_fresh(content: dict[str, Any]) -> None:
    one, two = disclose(content, previous=""), disclose(content, previous="")
    assert not set(one.disclosures) & set(two.disclosures)


def test_an_erased_disclosure_leaves_the_digest_valid() -> None:
    disclosed = disclose({"title": "t", "subject": {"name": "n", "role": "r"}}, previous="p")
    left = {digest: text for digest, text in disclosed.disclosures.items() if '"n"' not in text}
    erased = {digest: text for digest, text in left.items() if reveal({digest: text}) != {"subject": {"name": "n"}}}
    assert reveal(erased) == {"title": "t", "subject": {"role": "r"}}
    assert version_digest(disclosed.digests, previous="p") == disclosed.digest
    assert version_digest(list(erased), previous="p") != disclosed.digest


def test_the_chain_covers_the_version_before() -> None:
    disclosed = disclose({"title": "t"}, previous="a")
    assert version_digest(disclosed.digests, previous="b") != disclosed.digest


def test_the_digest_is_that_of_rfc_9901() -> None:
    # the example of RFC 9901 §4.2.3
    encoded = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    assert digest_of(encoded) == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"


def test_a_library_of_others_reads_our_disclosures() -> None:
    common = pytest.importorskip("sd_jwt.common")
    disclosed = disclose({"title": "Giữ bến", "subject": {"name": "Biển"}}, previous="")
    reader = common.SDJWTCommon(serialization_format="compact")
    reader._input_disclosures = list(disclosed.disclosures.values())
    reader._create_hash_mappings(reader._input_disclosures)
    assert set(reader._hash_to_disclosure) == set(disclosed.digests)
    assert {value for _salt, _name, value in reader._hash_to_decoded_disclosure.values()} == {"Giữ bến", "Biển"}
