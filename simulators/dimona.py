"""What a Dimona declaration looks like and when it is malformed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import stdnum.be.ssn
import stdnum.be.vat
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)
from stdnum.exceptions import ValidationError as MalformedNumber


@dataclass(frozen=True, slots=True)
class Filing:
    """What any declaration says, in whatever format: a start opens a period, the others speak about one."""

    kind: str
    enterprise_number: str | None = None
    ssin: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    period_id: str | None = None
    is_cancelled: bool = False


Kind = Literal["dimonaIn", "dimonaOut", "dimonaUpdate", "dimonaCancel"]
KINDS: tuple[Kind, ...] = ("dimonaIn", "dimonaOut", "dimonaUpdate", "dimonaCancel")

# The authority files these two committees under XXX; 304 is the performing arts one.
COMMITTEES_SENT_AS_XXX = ("302", "304")

# Labels of the codes that the authority is known to send; those that begin with SIM are this program's own.
ANOMALIES = {
    "00913-355": {
        "fr": "Période Dimona déjà annulée",
        "nl": "Dimonaperiode reeds geannuleerd",
    },
    "90017-369": {
        "fr": "Contingent étudiant dépassé",
        "nl": "Studentencontingent overschreden",
    },
    "90017-510": {
        "fr": "Conditions d'accès aux flexi-jobs non remplies",
        "nl": "Toegangsvoorwaarden voor flexi-jobs niet vervuld",
    },
    "SIM-001": {
        "fr": "Anomalie simulée",
        "nl": "Gesimuleerde anomalie",
    },
    "SIM-002": {
        "fr": "Période Dimona inconnue (simulation)",
        "nl": "Onbekende Dimonaperiode (simulatie)",
    },
    "SIM-003": {
        "fr": "Décision revue (simulation)",
        "nl": "Beslissing herzien (simulatie)",
    },
}


def anomaly(code: str) -> dict[str, object]:
    """One entry of the anomaly list: the code and what it means in French and Dutch."""
    return {"code": code, "labels": ANOMALIES.get(code, ANOMALIES["SIM-001"])}


def _digits(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _enterprise_number(text: str) -> str:
    try:
        number = stdnum.be.vat.validate(text)
    except MalformedNumber as error:
        raise ValueError("is not an enterprise number (check digits)") from error
    return str(number)


def _social_security_number(text: str) -> str:
    try:
        return str(stdnum.be.ssn.validate(text))
    except MalformedNumber as error:
        raise ValueError("is not a social security number (check digits)") from error


def _joint_committee(text: str) -> str:
    if text in COMMITTEES_SENT_AS_XXX:
        raise ValueError("joint committees 302 and 304 are declared as XXX")
    return text


EnterpriseNumber = Annotated[
    str,
    BeforeValidator(_digits),
    StringConstraints(pattern=r"^\d{9,10}$"),
    AfterValidator(_enterprise_number),
]
SocialSecurityNumber = Annotated[
    str,
    BeforeValidator(_digits),
    StringConstraints(pattern=r"^\d{11}$"),
    AfterValidator(_social_security_number),
]
JointCommittee = Annotated[
    str,
    BeforeValidator(_digits),
    StringConstraints(pattern=r"^(XXX|\d{3}(\.?\d{2})?)$"),
    AfterValidator(_joint_committee),
]
Hour = Annotated[str, BeforeValidator(_digits), StringConstraints(pattern=r"^([01]\d|2[0-3]):?[0-5]\d$")]
PeriodId = Annotated[str, BeforeValidator(_digits), StringConstraints(pattern=r"^\d{1,15}$")]


class _Part(BaseModel):
    # The real interface knows more optional fields than this program looks at.
    model_config = ConfigDict(extra="ignore", frozen=True)


class Employer(_Part):
    """Who declares."""

    enterpriseNumber: EnterpriseNumber


class Worker(_Part):
    """Who works."""

    ssin: SocialSecurityNumber


class Features(_Part):
    """What kind of work it is."""

    jointCommissionNumber: JointCommittee
    workerType: Literal["OTH", "STU", "FLX", "EXT"]


class _Dated(_Part):
    startDate: date | None = None
    endDate: date | None = None
    startHour: Hour | None = None
    endHour: Hour | None = None
    plannedHoursNumber: int | None = None

    @model_validator(mode="after")
    def end_is_not_before_start(self) -> _Dated:
        if self.startDate and self.endDate and self.endDate < self.startDate:
            raise ValueError("endDate is before startDate")
        return self


class DimonaIn(_Dated):
    """The start of an employment."""

    features: Features
    startDate: date


class DimonaOut(_Part):
    """Its end."""

    periodId: PeriodId
    endDate: date


class DimonaUpdate(_Dated):
    """A correction of its dates or hours."""

    periodId: PeriodId


class DimonaCancel(_Part):
    """The statement that it never was."""

    periodId: PeriodId


class Declaration(_Part):
    """The body of POST /declarations: one of the four kinds; a start also names employer and worker."""

    employer: Employer | None = None
    worker: Worker | None = None
    dimonaIn: DimonaIn | None = None
    dimonaOut: DimonaOut | None = None
    dimonaUpdate: DimonaUpdate | None = None
    dimonaCancel: DimonaCancel | None = None

    @model_validator(mode="after")
    def is_one_kind_and_whole(self) -> Declaration:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"exactly one of {', '.join(KINDS)} is needed")
        if self.dimonaIn and not (self.employer and self.worker):
            raise ValueError("dimonaIn needs employer and worker")
        return self

    @property
    def kind(self) -> Kind:
        """Which of the four it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def filing(self) -> Filing:
        """What it says."""
        dates = self.dimonaIn or self.dimonaUpdate
        return Filing(
            kind=self.kind,
            enterprise_number=self.employer.enterpriseNumber if self.employer else None,
            ssin=self.worker.ssin if self.worker else None,
            start_date=dates.startDate if dates else None,
            end_date=self.dimonaOut.endDate if self.dimonaOut else dates.endDate if dates else None,
            period_id=self.period_id,
            is_cancelled=self.dimonaCancel is not None,
        )

    @property
    def period_id(self) -> str | None:
        """The period it speaks about; None for a start, which opens one."""
        part = self.dimonaOut or self.dimonaUpdate or self.dimonaCancel
        return part.periodId if part else None
