"""Every refusal of the guarantee service.

GuaranteeRefusal
├── FundAlreadyOpen
├── EndowmentNegative
├── OrderAlreadyDecided
├── EventNotYetExpected
├── WageAlreadyFunded
├── PaymentNotPositive
└── PaymentExceedsNeed
"""

from commons.refusal import Refusal


class GuaranteeRefusal(Refusal):
    """The guarantee fund cannot do this."""


class FundAlreadyOpen(GuaranteeRefusal):
    """This legal entity has a fund; there is one each."""


class EndowmentNegative(GuaranteeRefusal):
    """A fund begins with an amount of money or with none, never with less."""


class OrderAlreadyDecided(GuaranteeRefusal):
    """The cover of this order was decided before, and a verdict is kept as it was given."""


class EventNotYetExpected(GuaranteeRefusal):
    """This cannot be handled in the present state of the wage; it waits until it can."""


class WageAlreadyFunded(GuaranteeRefusal):
    """This wage was funded before; it is funded once."""


class PaymentNotPositive(GuaranteeRefusal):
    """A payment is an amount above nothing."""


class PaymentExceedsNeed(GuaranteeRefusal):
    """More would be set against this wage than it still needs; the rest belongs elsewhere."""
