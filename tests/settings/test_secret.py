"""A secret shows itself to nobody who does not ask."""

import copy
import logging
import pickle
from pprint import pformat

import pytest

from roster.settings.secret import Secret
from tests.download.settings import CANARY

SECRET = Secret(CANARY)


def test_only_reveal_gives_it_away():
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
def test_no_representation_holds_it(shown: str):
    assert CANARY not in shown


@pytest.mark.parametrize("write", [pickle.dumps, copy.deepcopy, copy.copy])
def test_it_is_not_written(write):
    with pytest.raises(TypeError, match="must not be pickled") as raised:
        write([SECRET] if write is not copy.copy else SECRET)
    assert CANARY not in str(raised.value)


def test_it_has_no_variables_to_look_into():
    with pytest.raises(TypeError):
        vars(SECRET)


def test_the_same_text_is_the_same_secret():
    assert Secret(CANARY) == SECRET
    assert hash(SECRET) == hash(Secret(CANARY))
    assert Secret(f"{CANARY}x") != SECRET
    assert SECRET != CANARY
    assert Secret("é") != Secret("e")
