"""Does a channel's selection propose this story?"""

from __future__ import annotations

from typing import Any

import pytest

from hub.outlets.selection import Facts, find_mismatch

FACTS = Facts(
    kind="y_tuong",
    stage="trial",
    topics=["phong_chong_thien_tai", "bao_ve_moi_truong"],
    priority_groups=["doan_vien_thanh_nien"],
    organization="doan-phuong",
    lineage=["doan-phuong", "tinh-doan", "mttq"],
    commune="xã Bến Lau",
    province="tỉnh Hải Sơn",
)


@pytest.mark.parametrize(
    ("selection", "mismatch"),
    [
        ({}, None),
        ({"topics": []}, None),
        ({"topics": ["bao_ve_moi_truong"]}, None),
        ({"topics": ["khac"]}, "topics"),
        ({"kinds": ["y_tuong"], "stages": ["idea"]}, "stages"),
        ({"priority_groups": ["doan_vien_thanh_nien", "khac"]}, None),
        ({"organizations": ["tinh-doan"]}, "organizations"),  # the organization itself
        ({"subtrees": ["tinh-doan"]}, None),  # and all below it
        ({"subtrees": ["lien-doan"]}, "subtrees"),
        ({"places": [{"commune": "xã Bến Lau"}]}, None),
        ({"places": [{"commune": "xã Bến Lau", "province": "tỉnh Khác"}]}, "places"),
        ({"places": [{"commune": "xã Khác"}, {"province": "tỉnh Hải Sơn"}]}, None),
    ],
)
def test_every_dimension_that_is_named_has_to_fit(selection: dict[str, Any], mismatch: str | None) -> None:
    assert find_mismatch(selection, FACTS) == mismatch
