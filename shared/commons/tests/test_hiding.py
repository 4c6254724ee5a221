import pytest
from graphql import build_schema, execute, parse, validate

from commons.graphql.hiding import without_values

SCHEMA = build_schema(
    "enum Spouse { NONE } input Family { spouse: Spouse! children: Int } type Query { complete(number: String!, family: Family): String }"
)
NUMBER = "85073003328"


@pytest.mark.parametrize(
    ("variables", "secret", "kept"),
    [
        ({"number": int(NUMBER)}, NUMBER, "String cannot represent a non string value"),
        ({"number": [NUMBER]}, NUMBER, "String cannot represent a non string value"),
        ({"number": "a", "family": {"spouse": "PLANTED"}}, "PLANTED", "does not exist in 'Spouse' enum"),
        ({"number": "a", "family": {"spouse": "NONE", "kids": NUMBER}}, NUMBER, "unknown field 'kids'"),
        ({"number": "a", "family": NUMBER}, NUMBER, "Family"),
    ],
)
def test_a_variable_that_does_not_fit_is_not_repeated(
    variables: dict[str, object], secret: str, kept: str
) -> None:
    text = "query ($number: String!, $family: Family) { complete(number: $number, family: $family) }"
    result = execute(SCHEMA, parse(text), variable_values=variables)
    message = " ".join(error.message for error in getattr(result, "errors", None) or ())
    assert secret in message
    hidden = without_values(message, text, variables)
    assert secret not in hidden
    assert kept in hidden


@pytest.mark.parametrize(
    "text",
    [
        f"{{ complete(number: {NUMBER}) }}",
        f'{{ complete(number: "a", family: {{spouse: NONE, children: "{NUMBER}"}}) }}',
    ],
)
def test_a_literal_that_does_not_fit_is_not_repeated(text: str) -> None:
    message = " ".join(error.message for error in validate(SCHEMA, parse(text)))
    assert NUMBER in message
    assert NUMBER not in without_values(message, text, None)


def test_a_message_about_nothing_written_stays_as_it_is() -> None:
    assert without_values("Cannot query field 'x' on type 'Query'.", "{ x }", {"a": True}) == (
        "Cannot query field 'x' on type 'Query'."
    )
