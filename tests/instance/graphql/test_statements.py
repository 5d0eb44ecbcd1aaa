"""However much is asked for, the database is asked the same few things."""

import pytest

from roster.instance.database.connections import Database
from tests.instance.database.statements import counted
from tests.instance.graphql.api import INDEX, Api
from tests.instance.selection.listed import large


@pytest.mark.parametrize("asked", [{}, {"namespaceId": 7}])
@pytest.mark.parametrize("features", [5, 40])
def test_the_index_takes_at_most_five_statements(database: Database, features: int, asked: dict[str, int]):
    taken = []
    api = Api(database)
    api.switch(True)
    api.store(large(features, 100))
    for number in range(features):
        api.choose(f"feature_{number:03}", "model_000", "model_001", "model_002")
    another = Api(database)  # which has not read the list yet
    for _ in range(2):
        with counted(database) as statements:
            assert len(another.index(**asked)) == features
        taken.append(len(statements))
    assert taken == [5, 2]


def test_a_session_takes_one_more(api: Api):
    session = api.sign_in("a-token-that-reads")
    api.index()
    with counted(api.database) as statements:
        assert api.post(INDEX, None, {"cookie": f"roster_session={session.cookie}"}).status_code == 200
    assert len(statements) == 3


def test_every_further_namespace_takes_one_more(api: Api):
    fields = "{ nodes { feature resolution { source } } }"
    several = " ".join(f"n{number}: aiFeatureSettings(namespaceId: {number}) {fields}" for number in range(1, 6))
    api.index()
    with counted(api.database) as statements:
        api.ask(f"{{ {several} again: aiFeatureSettings(namespaceId: 1) {fields} }}")
    assert len(statements) == 6


def test_a_choice_takes_the_same_few_statements_each_time(database: Database):
    api, taken = Api(database), []
    api.switch(True)
    for features, models in ((5, 10), (40, 100)):
        api.store(large(features, models))
        api.index()
        with counted(database) as statements:
            api.choose("feature_000", *(f"model_{number:03}" for number in range(models)))
        taken.append(len(statements))
    assert taken[0] >= taken[1] - 1  # the second one changes what is there
    assert max(taken) <= 12
