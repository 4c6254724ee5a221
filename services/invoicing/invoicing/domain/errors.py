"""Every refusal of invoicing.

InvoicingRefusal
├── EntityRefusal
│   ├── EntityAlreadyRegistered · SimulationNotAllowed · FirstDayMissing · DayOfRealEntity
│   └── AccountInUse · VatNumberOfAnotherEnterprise
├── MemberRefusal
│   └── NotAdmitted · MembershipNotPaid · MembershipEnded
├── PartyRefusal
│   ├── DefaultInTheFuture · ClientAlreadyDefaulted
│   └── UnknownParty · MalformedEmail · LanguageNotServed · VatNumberOfOtherCountry
├── InvoiceRefusal
│   ├── InvoiceNotDraft · InvoiceNotIssued · InvoiceHasNoLines · TooManyLines · LineNumberedTwice
│   ├── DueDateMissing · DueDateBeforeIssueDate · IssueDateBeforeLastOfSeries
│   ├── BuyerReferenceMissing · LegalMentionMissing · PrecedingInvoiceMissing · BuyerOfCreditNoteDiffers
│   ├── CreditExceedsInvoice · VatNotExact · TotalsDoNotAdd · NegativeUnitPrice
│   ├── UnknownInvoice · InvoiceNotValid · InvoiceAlreadyCredited · InvoiceIsPaid
│   └── PaymentTermTooLong · PaymentTermNegative
├── PaymentRefusal
│   ├── UnknownPayment · NothingInSuspense · AmountNotPositive · MoreThanInSuspense · MoreThanIsDue
│   └── InvoiceOfAnotherEntity · PartyOfAnotherEntity
├── VatRefusal
│   └── NatureUnknown · BuyerCountryNotServed
├── ContributionRefusal
│   └── ContributionRuleUnknown · ContributionRateOutOfRange · PriceCannotBeDerived · AmountNegative
├── NumberingRefusal
│   └── SeriesUnknown · SeriesExhausted
├── OrderRefusal
│   ├── OrderNotDraft · OrderNotSent · OrderHasNoLines · OrderExpired · OrderAlreadyDecided
│   ├── OrderNotConfirmed · OrderNotActive · OrderIsClosed · CoverAlreadyDecided
│   ├── OrderIsDone · OrderIsInvoiced · NothingDoneYet · MoreDoneThanOrdered · UnknownOrderLine
│   ├── WorkNotEnded · OrderAlreadyInvoiced · UnknownOrder
│   ├── OrderPriceZero · QuantityOutOfRange · UnitUnknown · ValidityTooLong
│   └── ConsentMissing · NameMissing · TextTooLong · BuyerMustDecide
├── ActivityRefusal
│   ├── UnknownActivity · ActivityIsClosed · ActivityHasBudget · ActivityHasOpenOrders
│   ├── NotAdministratorOfActivity · NotInActivity · BudgetTooSmall
│   ├── AlreadyInActivity · AlreadyInvited · InvitationUnknown · TooManyInActivity
│   └── TransferToItself · TransferToOtherEntity · TransferNotPositive · TransferInOtherCurrency
├── LinkRefusal
│   └── LinkNotValid · LinkExpired
└── DocumentRefusal
    ├── MalformedStatement · StatementBalanceDoesNotAdd · StatementTooLarge · StatementsDoNotFollow
    ├── UnknownBankStatement · AccountOfSomebodyElse · BankLineDiffers
    ├── DocumentTooLarge · RuleFilesMissing
    └── ValidatorNotReady · ValidatorBusy · AddressSpaceLimited
"""

from __future__ import annotations

from commons.access import NotYours
from commons.refusal import Refusal


class InvoicingRefusal(Refusal):
    """Invoicing cannot do this."""


class EntityRefusal(InvoicingRefusal):
    """This cannot be done with the legal entity."""


class EntityAlreadyRegistered(EntityRefusal):
    """An entity with this enterprise number is registered already."""


class SimulationNotAllowed(EntityRefusal):
    """Days are not simulated here: only real entities are kept, on real days."""


class FirstDayMissing(EntityRefusal):
    """A simulated entity begins on a day; say which."""


class DayOfRealEntity(EntityRefusal):
    """A real entity lives on real days: give a first day for a simulated one only."""


class AccountInUse(EntityRefusal):
    """This bank account belongs to another legal entity."""


class VatNumberOfAnotherEnterprise(EntityRefusal):
    """The VAT number is not that of this enterprise number."""


class MemberRefusal(InvoicingRefusal):
    """The member cannot do this."""


class NotAdmitted(MemberRefusal):
    """Only members who were admitted to this legal entity may do this; a first paid share admits."""


class MembershipNotPaid(MemberRefusal):
    """A share for this year is not paid; the existing budget may still be spent."""


class MembershipEnded(MemberRefusal):
    """The membership was resigned: no new money comes in; what is in the budget may still be spent."""


class PartyRefusal(InvoicingRefusal):
    """This cannot be done with the client."""


class UnknownParty(PartyRefusal):
    """There is no such client."""


class DefaultInTheFuture(PartyRefusal):
    """A default is declared when it has happened."""


class ClientAlreadyDefaulted(PartyRefusal):
    """The default of this client was declared before."""


class MalformedEmail(PartyRefusal):
    """This is not an e-mail address."""


class LanguageNotServed(PartyRefusal):
    """We do not write to clients in this language."""


class VatNumberOfOtherCountry(PartyRefusal):
    """The VAT number belongs to another country than the address."""


class InvoiceRefusal(InvoicingRefusal):
    """This cannot be done with the invoice."""


class InvoiceNotDraft(InvoiceRefusal):
    """The invoice is issued already; a credit note corrects it."""


class InvoiceNotIssued(InvoiceRefusal):
    """The invoice is not issued yet."""


class UnknownInvoice(InvoiceRefusal):
    """There is no such invoice."""


class InvoiceNotValid(InvoiceRefusal):
    """The invoice breaks a rule of the e-invoice standard; no number was taken."""


class InvoiceHasNoLines(InvoiceRefusal):
    """An invoice needs at least one line."""


class TooManyLines(InvoiceRefusal):
    """The document has more lines than one document may have."""


class LineNumberedTwice(InvoiceRefusal):
    """Two lines of the document have the same number."""


class NegativeUnitPrice(InvoiceRefusal):
    """A unit price cannot be below zero; take the amount off with a negative quantity or an allowance."""


class DueDateMissing(InvoiceRefusal):
    """An invoice with an amount to pay needs a due date or payment terms."""


class DueDateBeforeIssueDate(InvoiceRefusal):
    """The invoice would be due before the day it is issued."""


class IssueDateBeforeLastOfSeries(InvoiceRefusal):
    """A later invoice of this series exists; issue dates never go back."""


class BuyerReferenceMissing(InvoiceRefusal):
    """The invoice needs the buyer's reference or an order number."""


class LegalMentionMissing(InvoiceRefusal):
    """The law asks for a mention that the invoice does not carry."""


class PrecedingInvoiceMissing(InvoiceRefusal):
    """A credit note names the invoice it corrects."""


class BuyerOfCreditNoteDiffers(InvoiceRefusal):
    """A credit note goes to the buyer of the invoice it corrects."""


class CreditExceedsInvoice(InvoiceRefusal):
    """The credit notes would take back more than was invoiced."""


class InvoiceAlreadyCredited(InvoiceRefusal):
    """The invoice is credited already; it is taken back once."""


class InvoiceIsPaid(InvoiceRefusal):
    """Money has come in on this invoice; give it back to the client before the invoice is credited."""


class VatNotExact(InvoiceRefusal):
    """The VAT of a rate is not its taxable amount times the rate, rounded once."""


class TotalsDoNotAdd(InvoiceRefusal):
    """The totals of the invoice do not add up."""


class PaymentTermTooLong(InvoiceRefusal):
    """The payment term is longer than the law allows."""


class PaymentTermNegative(InvoiceRefusal):
    """A payment term is zero days or more."""


class PaymentRefusal(InvoicingRefusal):
    """This cannot be done with the payment."""


class UnknownPayment(PaymentRefusal):
    """There is no such payment."""


class NothingInSuspense(PaymentRefusal):
    """Nothing of this payment is left to decide on."""


class AmountNotPositive(PaymentRefusal):
    """The amount must be above zero."""


class MoreThanInSuspense(PaymentRefusal):
    """Less than that is left of this payment."""


class MoreThanIsDue(PaymentRefusal):
    """Less than that is due on this invoice; the rest of the payment stays where it is."""


class InvoiceOfAnotherEntity(PaymentRefusal):
    """The invoice belongs to another legal entity than the account on which the money arrived."""


class PartyOfAnotherEntity(PaymentRefusal):
    """The client belongs to another legal entity than the account on which the money arrived."""


class VatRefusal(InvoicingRefusal):
    """The VAT cannot be determined."""


class NatureUnknown(VatRefusal):
    """This nature of service is not known in this country."""


class BuyerCountryNotServed(VatRefusal):
    """A buyer in that country cannot be invoiced here yet; ask your adviser."""


class ContributionRefusal(InvoicingRefusal):
    """The contribution cannot be computed."""


class ContributionRuleUnknown(ContributionRefusal):
    """There is no contribution rule of that name."""


class ContributionRateOutOfRange(ContributionRefusal):
    """A contribution rate lies between zero and one."""


class PriceCannotBeDerived(ContributionRefusal):
    """A price can be derived from a cost only where the contribution is a plain percentage."""


class AmountNegative(ContributionRefusal):
    """The amount cannot be below zero."""


class NumberingRefusal(InvoicingRefusal):
    """The document cannot be numbered."""


class SeriesUnknown(NumberingRefusal):
    """There is no number series of that name."""


class SeriesExhausted(NumberingRefusal):
    """The number series has no number left."""


class OrderRefusal(InvoicingRefusal):
    """This cannot be done with the order."""


class UnknownOrder(OrderRefusal):
    """There is no such order."""


class OrderPriceZero(OrderRefusal):
    """An order needs a price above zero."""


class QuantityOutOfRange(OrderRefusal):
    """A quantity is above zero and not larger than anyone could work, with at most four decimals."""


class UnitUnknown(OrderRefusal):
    """This unit is not known here; take a code of UN/ECE recommendation 20 that is."""


class ValidityTooLong(OrderRefusal):
    """An order may be decided on for a year at most."""


class OrderNotDraft(OrderRefusal):
    """The order was sent already."""


class OrderNotSent(OrderRefusal):
    """The order was not sent to the buyer yet."""


class OrderHasNoLines(OrderRefusal):
    """An order needs at least one line."""


class OrderExpired(OrderRefusal):
    """The order is past the day until which it was valid."""


class OrderAlreadyDecided(OrderRefusal):
    """The order was confirmed or refused already."""


class OrderNotConfirmed(OrderRefusal):
    """The order is not confirmed."""


class OrderNotActive(OrderRefusal):
    """The work of this order has not started."""


class OrderIsClosed(OrderRefusal):
    """The order is done or cancelled."""


class OrderIsDone(OrderRefusal):
    """The work of this order is done; it is invoiced, and the invoice is credited where it is not owed."""


class OrderIsInvoiced(OrderRefusal):
    """The order is invoiced; what the client does not owe is taken back by a credit note."""


class NothingDoneYet(OrderRefusal):
    """Nothing can be done of this line before its first day of work."""


class MoreDoneThanOrdered(OrderRefusal):
    """What was done of a line is between nothing and what was ordered."""


class UnknownOrderLine(OrderRefusal):
    """The order has no such line."""


class WorkNotEnded(OrderRefusal):
    """The work of this order has not ended; it is invoiced from its last day on."""


class OrderAlreadyInvoiced(OrderRefusal):
    """The order is invoiced already; an order has one invoice."""


class CoverAlreadyDecided(OrderRefusal):
    """The guarantee fund has given another verdict on this order already."""


class ConsentMissing(OrderRefusal):
    """Please tick the sentence that confirms your agreement."""


class NameMissing(OrderRefusal):
    """Please give the name of the person who decides."""


class BuyerMustDecide(OrderRefusal):
    """Only the buyer decides, through the link in the letter."""


class TextTooLong(OrderRefusal):
    """The text is too long."""


class ActivityRefusal(InvoicingRefusal):
    """This cannot be done with the activity."""


class UnknownActivity(ActivityRefusal):
    """There is no such activity."""


class ActivityIsClosed(ActivityRefusal):
    """The activity is closed."""


class ActivityHasBudget(ActivityRefusal):
    """The activity still has money or holds in its budget."""


class ActivityHasOpenOrders(ActivityRefusal):
    """The activity still has orders that are not done."""


class NotAdministratorOfActivity(ActivityRefusal, NotYours):
    """Only an administrator of the activity may do this."""


class NotInActivity(ActivityRefusal, NotYours):
    """The member has no role in this activity."""


class BudgetTooSmall(ActivityRefusal):
    """The budget of the activity is too small for this contract."""


class AlreadyInActivity(ActivityRefusal):
    """This person has a role in the activity already."""


class AlreadyInvited(ActivityRefusal):
    """This person is invited already and has not answered."""


class InvitationUnknown(ActivityRefusal, NotYours):
    """You are not invited to this activity."""


class TooManyInActivity(ActivityRefusal):
    """The activity has as many people as one may have."""


class TransferToItself(ActivityRefusal):
    """Money is transferred to another activity."""


class TransferToOtherEntity(ActivityRefusal):
    """Both activities belong to one legal entity; between two, one invoices the other."""


class TransferNotPositive(ActivityRefusal):
    """A transfer moves an amount above nothing."""


class TransferInOtherCurrency(ActivityRefusal):
    """A transfer is made in the currency of the budgets."""


class LinkRefusal(InvoicingRefusal):
    """The link cannot be used."""


class LinkNotValid(LinkRefusal):
    """This link is not valid."""


class LinkExpired(LinkRefusal):
    """This link is no longer valid; ask for a new one."""


class DocumentRefusal(InvoicingRefusal):
    """The document cannot be handled."""


class MalformedStatement(DocumentRefusal):
    """This is not a bank statement we can read (ISO 20022 camt.053)."""


class StatementBalanceDoesNotAdd(DocumentRefusal):
    """The opening balance and the lines do not give the closing balance."""


class StatementTooLarge(DocumentRefusal):
    """The bank statement is larger than we accept in one file."""


class StatementsDoNotFollow(DocumentRefusal):
    """The statements of the file do not follow each other; send them one by one."""


class UnknownBankStatement(DocumentRefusal):
    """There is no such bank statement."""


class AccountOfSomebodyElse(DocumentRefusal):
    """The bank statement is of another account than the one of this legal entity."""


class BankLineDiffers(DocumentRefusal):
    """A line of the statement was imported before with another amount or day; a person must look at it."""


class DocumentTooLarge(DocumentRefusal):
    """The document is larger than we accept."""


class RuleFilesMissing(DocumentRefusal):
    """The files of the invoice rules are not where they should be."""


class ValidatorNotReady(DocumentRefusal):
    """The invoice rules are not loaded yet."""


class ValidatorBusy(DocumentRefusal):
    """Too many documents wait for validation; try again in a moment."""


class AddressSpaceLimited(DocumentRefusal):
    """The rule engine cannot run under a limit of address space."""
