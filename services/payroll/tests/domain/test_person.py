import pytest

from payroll.domain.belgium.situation import Spouse
from payroll.domain.errors import FamilySituationContradicts
from payroll.domain.person import FamilySituation, check_family


@pytest.mark.parametrize(("spouse", "children"), [(Spouse.OWN_INCOME, 1), (Spouse.NONE, 0)])
def test_a_single_parent_has_a_child_and_no_spouse(spouse: Spouse, children: int) -> None:
    with pytest.raises(FamilySituationContradicts):
        check_family(FamilySituation(spouse, children, is_single_parent=True))


def test_a_parent_alone_with_a_child_is_accepted() -> None:
    check_family(FamilySituation(Spouse.NONE, 1, is_single_parent=True))
