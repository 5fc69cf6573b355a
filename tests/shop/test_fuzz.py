"""The whole API called as its own description allows and forbids: no 5xx, and answers of the described shapes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.shop.live import Live
from tests.shop.people import log_in
from tests.shop.sandbox import Wechat
from tests.shop.test_openapi import KEPT

pytestmark = pytest.mark.slow
SCHEMA = schemathesis.openapi.from_dict(json.loads(KEPT.read_text()))
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]
BOUNDED = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("label", sorted(OPERATIONS))
def test_no_call_fails_on_our_side(label: str, wechat: Wechat, live: Live) -> None:
    operation = OPERATIONS[label]
    person = log_in(wechat.openid())
    token = {"Authorization": person.client.defaults["HTTP_AUTHORIZATION"]}

    # Where nothing is sent nothing can be wrong with it.
    wrong = [GenerationMode.NEGATIVE] if [*operation.iter_parameters(), *operation.body] else []
    for mode in (GenerationMode.POSITIVE, *wrong):

        @BOUNDED
        @given(case=operation.as_strategy(generation_mode=mode))
        def call(case: schemathesis.Case) -> None:
            for headers in (token, {"Authorization": ""}):
                answer = case.call(base_url=live.url, headers=headers, timeout=20)
                case.validate_response(answer, checks=CHECKS)

        call()
