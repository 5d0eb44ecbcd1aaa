"""The metric with the versions of a server, with which dashboards show what is deployed where."""

from platform import python_version
from typing import Literal

from prometheus_client.core import GaugeMetricFamily

from roster import __version__


def build_info(server: Literal["gateway", "instance"]) -> GaugeMetricFamily:
    """Return ``roster_gateway_build_info`` or ``roster_instance_build_info``: 1 for the versions in its labels."""
    labels = {"version": __version__, "python": python_version()}
    name = f"roster_{server}_build_info"
    gauge = GaugeMetricFamily(name, "1 for the version of the toolkit and of Python.", labels=[*labels])
    gauge.add_metric([*labels.values()], 1)
    return gauge
