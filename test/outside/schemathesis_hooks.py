"""
For schemathesis (CONTRIBUTING.md, "Outside suites"): values of our scalars, and what counts as a failure.

Its own check takes every GraphQL error for one. A schema cannot say all that an API refuses (a page of 300, a query that
costs too much), so here an answer fails that has no code of ours, or the code of an error of ours.
"""

import schemathesis
from graphql.language import ast
from hypothesis import strategies as st
from schemathesis import graphql

TEXT = st.text(max_size=20)


def texts(*good):
    return st.one_of(st.sampled_from(good), TEXT).map(graphql.nodes.String)


graphql.scalar("DateTime", texts("2030-01-01T00:00:00Z", "2030-01-01T00:00:00+05:30"))
graphql.scalar("Duration", texts("250ms", "30m", "1h", "2d", "PT30M"))
graphql.scalar("TimeZone", texts("UTC", "Asia/Kolkata", "Europe/Paris"))
KEYS = st.from_regex(r"\A[A-Za-z_][A-Za-z0-9_]{0,8}\Z")


def json_object(fields):
    return graphql.nodes.Object(fields=[field(name, text) for name, text in fields.items()])


def field(name, text):
    return ast.ObjectFieldNode(name=ast.NameNode(value=name), value=graphql.nodes.String(text))


graphql.scalar("JSONObject", st.dictionaries(KEYS, TEXT, max_size=3).map(json_object))


@schemathesis.check
def errors_are_coded(ctx, response, case):
    assert response.status_code < 500, f"answered {response.status_code}"
    for error in response.json().get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code, f"an error without a code: {error['message']}"
        assert code not in ("INTERNAL_ERROR", "UNAVAILABLE"), f"{code}: {error['message']}"
        assert error["extensions"].get("requestId"), "an error without a request id"
