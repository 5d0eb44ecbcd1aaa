"""The metric with the versions of a server, with which dashboards show what is deployed where."""

from platform import python_version
from typing import Literal

from prometheus_client.core import GaugeMetricFamily

from roster import __version__


def build_info(server: Literal["gateway", "instance"]) -> GaugeMetricFamily:
    """Return the metric of a server: 1 for the version of the toolkit and of Python."""
    labels = {"version": __version__, "python": python_version()}
    name = f"roster_{server}_build_info"
    gauge = GaugeMetricFamily(name, "1 for the version of the toolkit and of Python.", labels=[*labels])
    gauge.add_metric([*labels.values()], 1)
    return gauge
