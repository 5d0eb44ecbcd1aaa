"""A soak of the gateway and an instance: changing documents, selections, lists and outages for some minutes.

It prints memory, descriptors, threads and latency of both servers at the start and at the end, and fails if a request
fails, a log has a traceback, or a server needs more at the end. `make soak` runs it for ten minutes.
"""

import argparse
import json
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import NamedTuple

from tests.accept.example_downloads import model, rendered
from tests.download.scripted_server import ScriptedServer, answer, ok
from tests.gateway.test_serve_command import serving
from tests.instance.test_memory import documents
from tests.instance.test_serve import TOKEN, running_server, set_flag, wait_for_list
from tests.server_memory import MAX_GROWTH, resident_memory
from tests.server_process import ServerProcess

from roster.instance.database import migrate
from roster.instance.database.connections import Database
from roster.settings.secret import Secret

WARM_UP, WINDOW = 0.2, 0.2
"""The share of the time before the first measurement, and the share over which latencies are compared."""
MAX_MORE = 8
"""How many more descriptors or threads a server may have at the end: connections and workers in use."""
CHANGE_SECONDS, OUTAGE_EVERY = 3.0, 5
ROSTER = model("claude") + model("gemini") + model("mistral")
GATEWAY_PATHS = ("/v1/models/offered", "/v1/models/definitions", "/v1/models", "/-/readiness", "/metrics")
INSTANCE_PATHS = (
    "/admin/model_selection",
    "/admin/model_selection/models?q={n}",
    "/admin/model_selection/history?feature={n}",
    "/admin/model_selection/export.csv",
    "/-/readiness",
    "/metrics",
)
MUTATION_EVERY, NAMESPACES = 4, 50
"""A mutation follows each fourth page, so that one of 13 requests is one."""
ERRORS = re.compile(rb'"errors":\[[^]]')
"""Errors in a response of the API, which can have the status 200."""
Requests = Iterator[tuple[str, str | None]]


class Usage(NamedTuple):
    """What a process uses: memory in MiB, and the numbers of its descriptors and threads."""

    memory: float
    descriptors: int
    threads: int


class Load:
    """A client that sends one request after the other to a server, and measures them."""

    def __init__(self, name: str, server: ServerProcess, requests: Requests) -> None:
        self.name, self.server, self._requests = name, server, requests
        self.latencies: list[tuple[float, float]] = []
        self.statuses: Counter[str] = Counter()

    def run(self, ended: Event) -> None:
        """Send requests until the end."""
        connection = HTTPConnection(self.server.origin.removeprefix("http://"), timeout=30)
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        for path, body in self._requests:
            if ended.is_set():
                break
            started = time.monotonic()
            try:
                connection.request("GET" if body is None else "POST", path, body, headers)
                response = connection.getresponse()
                has_errors = ERRORS.search(response.read()) and body is not None
                self.statuses[f"{response.status} with errors" if has_errors else str(response.status)] += 1
            except (OSError, HTTPException) as error:
                self.statuses[type(error).__name__] += 1
                connection.close()
            self.latencies.append((started, (time.monotonic() - started) * 1000))
        connection.close()

    def milliseconds(self, begin: float, end: float) -> tuple[float, float]:
        """Return the median and the 99th percentile of the latencies in a part of the time."""
        cuts = quantiles([latency for at, latency in self.latencies if begin <= at < end], n=100)
        return round(cuts[49], 1), round(cuts[98], 1)

    def usage(self) -> Usage:
        """Return the smallest usage of some moments, because requests in progress need some, too."""
        process = Path(f"/proc/{self.server.process.pid}")
        samples = []
        for _ in range(20):
            descriptors, threads = (len([*(process / folder).iterdir()]) for folder in ("fd", "task"))
            samples.append((resident_memory(self.server), descriptors, threads))
            time.sleep(0.05)
        memory, descriptors, threads = map(min, zip(*samples, strict=True))
        return Usage(round(memory, 1), int(descriptors), int(threads))


def gateway_requests() -> Requests:
    """Yield requests for the gateway, no two of them equal."""
    for number in count():
        yield f"{GATEWAY_PATHS[number % len(GATEWAY_PATHS)]}?n={number}", None


def instance_requests() -> Requests:
    """Yield requests for the instance: two different documents, then a page or an export, and sometimes a mutation."""
    queries, changes = documents(), mutations()
    for number in count():
        yield next(queries)
        yield next(queries)
        yield INSTANCE_PATHS[number % len(INSTANCE_PATHS)].format(n=number), None
        if number % MUTATION_EVERY == 0:
            yield next(changes)


def mutations() -> Requests:
    """Yield mutations that change the selection of the instance and that of a namespace."""
    for number in count():
        model = ("gemini", "mistral")[number % 4 // 2]
        query = (
            f'mutation {{ aiFeatureSettingUpdate(input: {{feature: "duo_chat", models: ["gemini", "mistral"], '
            f'defaultModel: "{model}"}}) {{ errors }} aiModelSelectionNamespaceUpdate(input: {{namespaceId: '
            f'"{number % NAMESPACES + 1}", feature: "duo_chat", model: "{model}"}}) {{ errors }} }}'
        )
        yield "/api/graphql", json.dumps({"query": query})


def change_lists(source: ScriptedServer, gateway: ServerProcess, instance: ServerProcess, ended: Event) -> None:
    """Publish another list every few seconds, with outages of the source in between, and let the servers fetch it."""
    for number in count(43):
        is_outage = number % OUTAGE_EVERY == 0
        body = rendered("gateway", ROSTER + model(f"m{number % 7}"), sequence=number)
        source.plays = [answer("503 Service Unavailable") if is_outage else ok(body)]
        for server in (gateway, instance):
            server.process.send_signal(signal.SIGHUP)
            if ended.wait(CHANGE_SECONDS / 2):
                return


def soak(minutes: float) -> list[str]:
    """Run all of it; return the problems."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        url = f"sqlite:///{folder / 'instance.db'}"
        migrate.upgrade(Database(Secret(url)))
        set_flag(url)
        source = stack.enter_context(ScriptedServer(ok(rendered("gateway", ROSTER, sequence=42))))
        gateway = stack.enter_context(serving(source, folder))
        instance = stack.enter_context(running_server(url, gateway.origin))
        wait_for_list(instance)
        loads = [Load("gateway", gateway, gateway_requests()), Load("instance", instance, instance_requests())]
        problems = measure(loads, lambda ended: change_lists(source, gateway, instance, ended), minutes * 60)
        print(f"the instance stored {instance.get('/-/readiness')['list']['version']} lists")
        return problems


def measure(loads: list[Load], change: Callable[[Event], None], seconds: float) -> list[str]:
    """Run the loads and the changes, print the measurements, and return the problems."""
    ended, begin = Event(), time.monotonic()
    threads = [Thread(target=load.run, args=(ended,)) for load in loads] + [Thread(target=change, args=(ended,))]
    for thread in threads:
        thread.start()
    time.sleep(seconds * WARM_UP)
    first, first_at = [load.usage() for load in loads], time.monotonic()
    time.sleep(max(0.0, begin + seconds - time.monotonic()))
    last, last_at = [load.usage() for load in loads], time.monotonic()
    ended.set()
    for thread in threads:
        thread.join()
    problems = []
    for load, before, after in zip(loads, first, last, strict=True):
        print(f"{load.name}: {load.statuses.total():,} requests {dict(load.statuses)}")
        for title, usage, at in (("start", before, first_at), ("end", after, last_at)):
            begin_of_window = at - seconds * WINDOW
            median, slow = load.milliseconds(begin_of_window, at)
            print(
                f"  {title:5} {usage.memory:6.1f} MiB, {usage.descriptors} descriptors, {usage.threads} threads, "
                f"median {median} ms, 99th percentile {slow} ms"
            )
        problems += [f"{load.name}: {problem}" for problem in find_problems(load, before, after)]
    return problems


def find_problems(load: Load, before: Usage, after: Usage) -> Iterator[str]:
    """Yield what failed, and what grew."""
    if load.statuses.keys() != {"200"}:
        yield f"requests failed: {dict(load.statuses)}"
    if "Traceback" in load.server.log:
        yield "the log has a traceback"
    if after.memory - before.memory > MAX_GROWTH:
        yield f"memory grew from {before.memory} to {after.memory} MiB"
    if after.descriptors - before.descriptors > MAX_MORE:
        yield f"descriptors grew from {before.descriptors} to {after.descriptors}"
    if after.threads - before.threads > MAX_MORE:
        yield f"threads grew from {before.threads} to {after.threads}"


def main() -> None:
    """Run the soak; the exit status is 1 if there are problems."""
    parser = argparse.ArgumentParser(description="Run the gateway and an instance under load for some minutes.")
    parser.add_argument("--minutes", type=float, default=10)
    problems = soak(parser.parse_args().minutes)
    print("\n".join(problems) or "no problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
