"""What the page of the studio asks for, without a browser."""

from __future__ import annotations

import json
from typing import Any

from music import tab_text
from starlette.testclient import TestClient

__all__ = ["events", "keep", "piece"]


def events(client: TestClient, place: str, asked: dict[str, Any]) -> list[tuple[str, Any]]:
    """What a watcher of a job is told."""
    answer = client.post(place, json=asked)
    assert answer.status_code == 200, answer.text
    told = client.get(f"/api/jobs/{answer.json()['job']}")
    assert told.headers["content-type"].startswith("text/event-stream")
    blocks = [block for block in told.text.split("\n\n") if block.startswith("event: ")]
    lines = [block.split("\n") for block in blocks]
    return [(kind[7:], json.loads(data[6:])) for kind, data in lines]


def piece(client: TestClient, place: str = "/api/write", **asked: Any) -> dict[str, Any]:
    kind, said = events(client, place, asked)[-1]
    assert kind == "done", said
    return said


def keep(client: TestClient, title: str = "A tune", seed: int = 1) -> dict[str, Any]:
    answer = client.post("/api/kept", json={"text": tab_text(seed, 4), "title": title})
    assert answer.status_code == 200, answer.text
    return answer.json()
