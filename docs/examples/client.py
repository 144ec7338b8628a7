"""Has a recording analysed by a running Rapt and prints its seconds: ADDRESS TOKEN FILE."""

import sys
import time
from pathlib import Path

import httpx


def seconds(rapt: httpx.Client, file: Path, study: str) -> list[dict]:
    asked = {"name": file.name, "study": study}
    started = rapt.post("/api/v1/analyses", params=asked, content=file.read_bytes())
    job = started.raise_for_status().json()
    while rapt.get(f"/api/v1/jobs/{job['job_id']}").json()["status"] in ("queued", "running"):
        time.sleep(1)
    found = rapt.get(f"/api/v1/sessions/{job['session_id']}/seconds")
    return found.raise_for_status().json()["seconds"]


if __name__ == "__main__":
    address, token, path = sys.argv[1:]
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}) as client:
        for row in seconds(client, Path(path), "From a script"):
            print(row["second"], row["viewer"], row["engagement"])  # noqa: T201
