import inspect
import re

from commons.refusal import Refusal
from invoicing.domain import errors


def test_the_tree_at_the_top_draws_every_refusal_and_each_speaks_a_sentence() -> None:
    classes = [
        one
        for _, one in inspect.getmembers(errors, inspect.isclass)
        if issubclass(one, Refusal) and one.__module__ == errors.__name__
    ]
    tree = (errors.__doc__ or "").split("\n\n", 1)[1]
    assert sorted(re.findall(r"[A-Z]\w+", tree)) == sorted(one.__name__ for one in classes)
    for one in classes:
        assert issubclass(one, errors.InvoicingRefusal)
        assert one().message.endswith(".")
