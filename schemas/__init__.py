"""The public contract as data: JSON Schemas, vocabularies, examples, and what follows from them.

Imports nothing of ours. See story.v1.json for the meaning of x-audience, x-explicit and x-vocabulary.
"""

from schemas.checking import check, check_story
from schemas.faults import Fault
from schemas.fields import (
    Audience,
    child_consent_needed,
    consent_needed,
    covers,
    fields,
    is_field,
    media_audience,
    title_of,
    title_of_path,
    titles_of_path,
    usages,
    vocabulary_at,
)
from schemas.loading import Item, Vocabulary, load, vocabulary

__all__ = [
    "Audience",
    "Fault",
    "Item",
    "Vocabulary",
    "check",
    "check_story",
    "child_consent_needed",
    "consent_needed",
    "covers",
    "fields",
    "is_field",
    "load",
    "media_audience",
    "title_of",
    "title_of_path",
    "titles_of_path",
    "usages",
    "vocabulary",
    "vocabulary_at",
]
