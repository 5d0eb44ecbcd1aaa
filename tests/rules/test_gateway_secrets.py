"""The rule secret-in-gateway-settings: references and tokens of prompts are no secrets, texts next to them may be."""

from roster.rules.credentials import secrets_in_settings

REFERENCES = {
    "api_key": (
        *("os.environ/NAME", "os.environ/name", "os.environ['NAME']", "env:NAME", "process.env.NAME", "%NAME%"),
        *("$NAME", "$(NAME)", "${NAME}", "${NAME_2}", "${{ secrets.KEY_1 }}", "{{ NAME }}", '{{ env "NAME" }}'),
        *("Bearer ${NAME}", "<your-key>", "projects/models/secrets/key/versions/latest"),
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:models/key-AbCdEf",
    ),
    "Authorization": ("Bearer os.environ/NAME", "Basic {{ credentials }}", "Token $NAME"),
    "base_url": (
        "https://${USER}:${PASSWORD}@models.example.com",
        "https://{{ user }}:{{ key }}@models.example.com/v1",
    ),
    "eos_token": ("<|fim_prefix|>", "<|im_end|>\n", "</s>", "[INST]", "<fim_prefix>", "<\uff5cfim\u2581begin\uff5c>"),
}
SECRETS = {
    "api_key": (
        *("os.environ/NAME hunter2", "os.environ/NAMEhunter2", "os.environ/a8f3b2c1d4e5", "${a8f3b2c1d4}"),
        *(
            "hunter2${NAME}",
            "${NAME}hunter2",
            "${NAME:-hunter2}",
            "$NAME hunter2",
            "$ecret1",
            "P@$$w0rd",
            "hunter2%NAME%",
        ),
        *("{{ NAME }}a8f3b2", "{{ 'hunter2' }}", "<|fim_prefix|>a8f3b2", "Bearer a8f3b2"),
    ),
    "Authorization": ("Bearer ${NAME} a8f3b2", "Bearer a8f3b2 ${NAME}"),
    "base_url": ("https://${USER}:hunter2@models.example.com", "https://someone:${KEY}2@models.example.com"),
    "client_secret": ("{{ NAME }}:hunter2",),
}


def reported(settings: dict[str, tuple[str, ...]]) -> set[tuple[str, str]]:
    values = [(key, value) for key, values in settings.items() for value in values]
    return {(key, value) for key, value in values if list(secrets_in_settings({key: value}))}


def test_references_and_tokens_of_prompts_are_no_secrets():
    assert reported(REFERENCES) == set()


def test_texts_next_to_references_are_secrets():
    assert reported(SECRETS) == {(key, value) for key, values in SECRETS.items() for value in values}
