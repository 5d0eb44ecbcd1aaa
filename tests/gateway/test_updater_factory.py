"""What the settings make of a supply."""

import pytest

from roster.accept.child_process import LARGE_BYTES
from roster.download.refusal import Refused
from roster.gateway.updater_factory import accept_for
from tests.accept.downloads import DAY, KINDS
from tests.download.settings import given
from tests.gateway.supplied import LARGE

SETTINGS = given("https://gitlab.example.com/a")


class Here(Exception):
    """Raised in this process only."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be accepted in this process."""

    def raises(*_: object) -> None:
        raise Here

    monkeypatch.setattr("roster.accept.acceptance._contents", raises)


@pytest.mark.usefixtures("broken")
class TestLarge:
    def test_a_small_body_is_accepted_here(self):
        with pytest.raises(Here):
            accept_for(SETTINGS, KINDS["gateway"], None, None, DAY)

    def test_a_large_one_elsewhere(self):
        assert len(LARGE) >= LARGE_BYTES
        accepted = accept_for(SETTINGS, LARGE, None, None, DAY)
        assert (len(accepted.offered_models), accepted.body) == (4000, LARGE)

    def test_a_refusal_comes_back_by_its_name(self):
        with pytest.raises(Refused, match="wrong-environment") as refused:
            accept_for(SETTINGS._replace(environment="staging"), LARGE, None, None, DAY)
        assert refused.value.name == "wrong-environment"
        assert refused.value.reason.remedy

    def test_what_is_served_goes_along(self):
        served = accept_for(SETTINGS, LARGE, None, None, DAY)
        with pytest.raises(Refused) as refused:
            accept_for(SETTINGS._replace(max_shrink=0.0), LARGE.replace(b"model_7", b"other_7"), None, served, DAY)
        assert refused.value.name == "shrunk"
