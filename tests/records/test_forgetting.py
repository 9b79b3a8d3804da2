"""What a person's own copy gives of texts that name others, too: no more than tells the person."""

from __future__ import annotations

from typing import Any

import pytest

from hub.records import forgetting

NAMES = ["Nguyễn Văn Biển"]


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("Ông Nguyễn Văn Biển bận.", "Ông Nguyễn Văn Biển bận."),
        (["Hỏi nguyễn văn  biển", "Hỏi bà Lan"], ["Hỏi nguyễn văn  biển"]),
        (
            [{"pointer": "/a", "reason": "Nguyễn Văn Biển"}, {"pointer": "/b", "reason": "Bà Lan"}],
            [{"pointer": "/a", "reason": "Nguyễn Văn Biển"}],
        ),
        ({"name": "Nguyễn Văn Biển", "phone": "0200 000 0111"}, {"name": "Nguyễn Văn Biển"}),
    ],
)
def test_of_a_list_or_an_object_only_the_members_that_tell_the_name_are_given(value: Any, part: Any) -> None:
    assert forgetting.tells(value, NAMES)
    assert forgetting.telling_part(value, NAMES) == part
