"""Signatures of messages, and the secrets that sign them."""

import pytest

from roster.instance.webhook.signature import parse_secret, signature_headers
from roster.settings.environment_variables import InvalidValue
from roster.settings.secret import Secret
from tests.instance.webhook.receiver import SECRET, Message

ID, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}'
PLAIN = "a plain text of a secret".replace(" ", "-")


def test_signature_is_that_of_the_published_example():
    # The example of the documentation of Svix, whose format the specification has.
    headers = signature_headers(Secret(SECRET), ID, 1614265330, BODY)
    assert headers == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_plain_secret_signs_with_its_bytes():
    headers = signature_headers(parse_secret(PLAIN), ID, 1614265330, BODY)
    assert Message("/", headers, BODY).is_signed(PLAIN)
    assert not Message("/", headers, BODY + b" ").is_signed(PLAIN)


def test_invalid_secrets_are_rejected_without_showing_them():
    for text in ("whsec_", "whsec_abc", "whsec_" + "é" * 40, "whsec_" + "A" * 200, "short", "with " + PLAIN, "é" * 40):
        with pytest.raises(InvalidValue) as error:
            parse_secret(text)
        assert text not in str(error.value) or text == "whsec_"
