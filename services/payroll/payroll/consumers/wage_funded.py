"""Pay a wage: there is money for it."""

from __future__ import annotations

from commons.context import Ctx
from commons.events import consumes
from payroll.capabilities.order_wage_payment import order_wage_payment
from payroll.events.consumed import WageFunded
from payroll.service import Payroll


@consumes(WageFunded)
async def wage_funded(ctx: Ctx[Payroll], event: WageFunded) -> None:
    """Order the payment."""
    await order_wage_payment(ctx, payslip_id=event.payslip_id, source=event.source, funded_on=event.funded_on)
