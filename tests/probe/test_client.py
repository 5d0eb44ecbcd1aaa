"""What the process with LiteLLM gets, and what is made of its results."""

from roster.probe.client import Deployment, _completed, child_environment
from roster.probe.verdict import Result, Verdict

DEPLOYMENT = Deployment({"model": "openai/gpt-4o", "api_key": "os.environ/KEY"}, ("answer", "streaming", "tools"))
WORKS, UNANSWERED, UNASKED = Result(Verdict.WORKS, seconds=1), Result(Verdict.SLOW), Result(Verdict.NOT_ASKED)


def test_environment_has_keys_and_nothing_that_changes_the_target():
    passed = {"KEY": "k", "PATH": "/bin", "HTTPS_PROXY": "http://proxy", "AWS_PROFILE": "a", "SSL_CERT_FILE": "c.pem"}
    others = (
        *("OTHER_KEY", "LITELLM_LOG", "OPENAI_API_BASE", "OPENAI_API_KEY", "ANTHROPIC_API_BASE", "LANGFUSE_HOST"),
        *("USE_LITELLM_PROXY", "LITELLM_PROXY_API_BASE", "AWS_ENDPOINT_URL", "AWS_BEDROCK_RUNTIME_ENDPOINT"),
        *("PYTHONPATH", "PYTHONSTARTUP", "OTEL_EXPORTER_OTLP_ENDPOINT"),
    )
    environment = child_environment(passed | dict.fromkeys(others, "x"), DEPLOYMENT.variables)
    assert environment.items() >= passed.items()
    assert not environment.keys() & set(others)
    assert environment["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"


def test_question_without_result_is_slow_and_others_are_not_asked():
    completed = _completed(DEPLOYMENT, {"answer": WORKS, "streaming": None}, UNANSWERED, UNASKED)
    assert completed == {"answer": WORKS, "streaming": UNANSWERED, "tools": UNASKED}


def test_other_questions_are_left_out_if_the_first_has_no_answer():
    refused = Result(Verdict.REFUSED, "quota", 429)
    assert _completed(DEPLOYMENT, {"answer": refused}, UNANSWERED, UNASKED) == {"answer": refused}
    assert _completed(DEPLOYMENT, {"answer": None}, UNANSWERED, UNASKED) == {"answer": UNANSWERED}
    assert _completed(DEPLOYMENT, {}, UNANSWERED, UNASKED) == {"answer": UNASKED}
