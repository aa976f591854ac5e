"""A request that is sent again is found by where it was sent, too."""

from __future__ import annotations

from pathlib import Path

from wired import SKETCHING, wired

AGAIN = {"x-stainless-retry-count": "1"}
BODY = {"prompt": "slow push in"}


def test_the_same_words_under_another_prefix_are_another_request(tmp_path: Path) -> None:
    with wired(tmp_path, SKETCHING) as here:

        def made(path: str, **headers: str) -> str:
            answer = here.client.post(path, json=BODY, headers=headers)
            assert answer.status_code == 200, answer.text
            return str(answer.json()["task_id"])

        first = made("/v1/sora/generate")
        assert made("/v1/sora/generate", **AGAIN) == first
        other = made("/relay/v1/sora/generate", **AGAIN)
        assert other != first
        assert made("/relay/v1/sora/generate", **AGAIN) == other
