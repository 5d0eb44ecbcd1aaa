"""Secrets are redacted in representations and cannot be pickled."""

import copy
import logging
import pickle
from pprint import pformat

import pytest

from roster.settings.secret import Secret
from tests.download.download_helpers import CANARY

SECRET = Secret(CANARY)


def test_only_reveal_returns_value():
    assert SECRET.reveal() == CANARY


@pytest.mark.parametrize(
    "shown",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET:>40}",
        f"{SECRET!r}",
        f"{SECRET:s}",
        pformat({"token": [SECRET]}),
        logging.LogRecord("a", logging.INFO, "a", 1, "%s", (SECRET,), None).getMessage(),
        repr(SECRET.__dir__()),
    ],
)
def test_representations_are_redacted(shown: str):
    assert CANARY not in shown


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, copy.copy])
def test_secret_cannot_be_pickled_or_copied(write):
    with pytest.raises(TypeError, match="must not be pickled") as raised:
        write([SECRET] if write is not copy.copy else SECRET)
    assert CANARY not in str(raised.value)


def test_secret_has_no_instance_dict():
    with pytest.raises(TypeError):
        vars(SECRET)


def test_equal_values_are_equal_secrets():
    assert Secret(CANARY) == SECRET
    assert hash(SECRET) == hash(Secret(CANARY))
    assert Secret(f"{CANARY}x") != SECRET
    assert SECRET != CANARY
    assert Secret("é") != Secret("e")
