"""Every way in which payroll says no.

PayrollRefusal
├── ContractRefusal
│   ├── ContractDatesReversed
│   ├── ContractSpansMonths
│   ├── ContractMonthIncomplete
│   ├── ContractQuantityMissing
│   ├── ContractOutsideOrder
│   ├── HireTooLate
│   ├── HireDeclaredLate
│   ├── TooManyDays
│   ├── TooManyHours
│   ├── GrossNotPositive
│   ├── GrossBelowMinimumWage
│   ├── BudgetNotHeld
│   ├── HireNotDeclared
│   ├── HireIsAccepted
│   ├── WorkHasBegun
│   ├── ContractNotEnded
│   ├── ContractAlreadyEnded
│   ├── ContractAlreadyRefused
│   ├── ContractBeforeBirth
│   ├── ContractAfterDeath
│   ├── WorkerTooYoung
│   ├── ContractsOverlap
│   ├── RegimeConditionNotMet
│   ├── AllowanceNotByTheDay
│   ├── AllowanceAboveMaximum
│   ├── AllowanceDayTaken
│   ├── AllowanceDaysInARow
│   ├── AllowanceDaysOfYear
│   ├── ContractForgottenOtherwise
│   ├── ExceptionalPayUnknown
│   ├── ExceptionalPayAlreadyRecorded
│   ├── PayslipAlreadyComputed
│   ├── RegimeUnknown
│   ├── SeveralPayPeriods
│   ├── UnknownContract
│   ├── UnknownOrder
│   └── OrderIsCancelled
├── ProfileRefusal
│   ├── DeathToCome
│   ├── PayrollProfileMissing
│   ├── HolderNameMissing
│   ├── LanguageUnknown
│   ├── FamilySituationContradicts
│   ├── SituationContradicts
│   ├── FactUnknown
│   ├── FactToldTwice
│   ├── FactNotAChoice
│   ├── FactMalformed
│   ├── FactOutOfRange
│   └── FactsOfTheFuture
├── ComputationRefusal
│   ├── EngineUnknown
│   ├── WageTooLarge
│   ├── FamilySituationUnknown
│   ├── TaxTableUnknown
│   ├── NetNotReachable
│   ├── OneAmountAsked
│   ├── UnknownPayslip
│   ├── ParametersNotConfirmed
│   └── PayslipNotComputed
├── PayRunRefusal
│   ├── PayPeriodNotBegun
│   ├── PeriodReversed
│   ├── RecomputationUnderWay
│   ├── UnknownPayRun
│   └── UnknownRecomputation
├── DeclarationRefusal
│   ├── DeclarationCannotMove
│   ├── DeclarationAnswerMalformed
│   └── HireFormatUnknown
├── ReturnRefusal
│   ├── PaidOutsidePeriod
│   ├── PayslipReturnedTwice
│   ├── ReturnTooLarge
│   ├── ReturnFormatUnknown
│   ├── ReturnLineWithoutPlace
│   ├── ReturnFieldUnfit
│   ├── ReturnTextEmpty
│   ├── ReturnUnknown
│   ├── ReturnPeriodNotOver
│   ├── ReturnAlreadyFiled
│   ├── ReturnNotRefused
│   ├── ReturnIncomplete
│   ├── ReturnCannotMove
│   ├── ReturnAnswerMalformed
│   └── DeclarantMissing
├── CertificateRefusal
│   ├── CertificateUnknown
│   ├── CertificateLineWithoutBox
│   └── CertificateTooLarge
├── WagePaymentRefusal
│   ├── WageNotReturned
│   └── WageReturnedTooOften
└── PaymentFileRefusal
    ├── PaymentFileEmpty
    ├── PaymentFileTooLarge
    ├── PaymentFileMalformed
    ├── PaymentNotPositive
    ├── PaymentReferenceTwice
    └── PaymentTextEmpty
"""

from __future__ import annotations

from commons.refusal import Refusal


class PayrollRefusal(Refusal):
    """Payroll cannot do this."""


class ContractRefusal(PayrollRefusal):
    """The work contract does not allow this."""


class ContractDatesReversed(ContractRefusal):
    """A contract cannot end before it begins."""


class ContractSpansMonths(ContractRefusal):
    """A contract by days, hours or lump sum stays inside one calendar month; make one for each month."""


class ContractMonthIncomplete(ContractRefusal):
    """A contract by the month begins on the first day of a month and ends on the last day of a month."""


class ContractQuantityMissing(ContractRefusal):
    """The contract must say how many days, or for hourly work how many days and hours, are worked."""


class ContractOutsideOrder(ContractRefusal):
    """The days of a contract lie within the days of its order."""


class HireTooLate(ContractRefusal):
    """A hire is declared before work begins; the first day of this contract is past."""


class HireDeclaredLate(ContractRefusal):
    """The authority accepted the hire after the first day of work; a payroll officer must decide."""


class TooManyDays(ContractRefusal):
    """The contract counts more days of work than there are days between its dates."""


class TooManyHours(ContractRefusal):
    """The contract counts more hours of work than its days can hold."""


class GrossNotPositive(ContractRefusal):
    """The gross wage must be above zero."""


class GrossBelowMinimumWage(ContractRefusal):
    """The gross wage is below the minimum wage for the time worked; raise it or shorten the time."""


class BudgetNotHeld(ContractRefusal):
    """The cost of this contract is not held on the budget of the activity yet."""


class HireNotDeclared(ContractRefusal):
    """The hire is not accepted by the authority yet; nobody works undeclared."""


class HireIsAccepted(ContractRefusal):
    """The authority accepted this hire and has not said otherwise; there is nothing to call off."""


class WorkHasBegun(ContractRefusal):
    """Work under this contract has begun and is owed its wage; ask the authority to correct its records."""


class ContractNotEnded(ContractRefusal):
    """The contract has not come to its last day yet."""


class ContractAlreadyEnded(ContractRefusal):
    """The contract has ended already."""


class ContractAlreadyRefused(ContractRefusal):
    """The contract was refused; make a new one."""


class ContractBeforeBirth(ContractRefusal):
    """Nobody works before being born: the birth that the national number tells is after the first day."""


class ContractAfterDeath(ContractRefusal):
    """Nobody works after the own death: this contract would last beyond the day that was written down."""


class WorkerTooYoung(ContractRefusal):
    """On the first day of this contract the worker is under the age from which the law allows work."""


class ContractsOverlap(ContractRefusal):
    """Together with your other contracts of these days, this one has more hours a day than the law allows."""


class RegimeConditionNotMet(ContractRefusal):
    """This kind of contract has a condition that nobody told to hold; tell it on the payroll profile."""


class AllowanceNotByTheDay(ContractRefusal):
    """An allowance is for each day between its dates; make one for each run of days."""


class AllowanceAboveMaximum(ContractRefusal):
    """The allowance is more than the most that one principal may pay for these days."""


class AllowanceDayTaken(ContractRefusal):
    """There is an allowance of this principal for this day already."""


class AllowanceDaysInARow(ContractRefusal):
    """These would be more days in a row with an allowance of one principal than the law allows."""


class AllowanceDaysOfYear(ContractRefusal):
    """These would be more days with an allowance in one calendar year than the law allows."""


class ContractForgottenOtherwise(ContractRefusal):
    """Before our database was restored you asked for these days otherwise; ask as you did then."""


class ExceptionalPayUnknown(ContractRefusal):
    """This kind of employment has no such pay here, or it is not known how it is taxed."""


class ExceptionalPayAlreadyRecorded(ContractRefusal):
    """Such pay is recorded for this contract already."""


class PayslipAlreadyComputed(ContractRefusal):
    """The payslip of this contract is computed already; record it for a contract still to be paid."""


class RegimeUnknown(ContractRefusal):
    """This is no kind of employment here; the known ones are listed."""


class SeveralPayPeriods(ContractRefusal):
    """A contract covers one pay period; make one contract for each month."""


class UnknownContract(ContractRefusal):
    """There is no such contract."""


class UnknownOrder(ContractRefusal):
    """No client has confirmed such an order yet."""


class OrderIsCancelled(ContractRefusal):
    """The order was cancelled; no contract can be made under it."""


class ProfileRefusal(PayrollRefusal):
    """The payroll profile does not allow this."""


class DeathToCome(ProfileRefusal):
    """A death is written down when it has happened, not before."""


class PayrollProfileMissing(ProfileRefusal):
    """The payroll profile is not complete: national number, account and family situation are needed first."""


class HolderNameMissing(ProfileRefusal):
    """The name of the account's holder has no letter that a bank accepts."""


class FamilySituationContradicts(ProfileRefusal):
    """A single parent has a child and no spouse."""


class SituationContradicts(ProfileRefusal):
    """These facts about the worker cannot be true together."""


class FactUnknown(ProfileRefusal):
    """Payroll does not ask for this here; what it asks for is listed."""


class FactToldTwice(ProfileRefusal):
    """The same fact is told twice; tell it once."""


class FactNotAChoice(ProfileRefusal):
    """The answer is none of the choices; they are listed."""


class FactMalformed(ProfileRefusal):
    """The answer is not written as this fact is: a whole number, or a fraction of one such as 0.125."""


class FactOutOfRange(ProfileRefusal):
    """The answer is outside what this fact can be."""


class FactsOfTheFuture(ProfileRefusal):
    """Facts about the worker are told once they are true: this day has not come."""


class LanguageUnknown(ProfileRefusal):
    """This language is not one in which payslips are written here."""


class ComputationRefusal(PayrollRefusal):
    """The wage cannot be computed."""


class EngineUnknown(ComputationRefusal):
    """No payroll engine goes by the name that the country's data gives."""


class WageTooLarge(ComputationRefusal):
    """The wage is larger than anything this engine computes exactly."""


class FamilySituationUnknown(ComputationRefusal):
    """The rules of that day are not known for this family situation."""


class TaxTableUnknown(ComputationRefusal):
    """There is no tax table of this number; the tax decision of the worker names one."""


class NetNotReachable(ComputationRefusal):
    """No gross wage within the limits of this engine gives that net wage."""


class OneAmountAsked(ComputationRefusal):
    """Give exactly one amount: the budget, the gross wage or the net wage."""


class UnknownPayslip(ComputationRefusal):
    """There is no such payslip."""


class ParametersNotConfirmed(ComputationRefusal):
    """This payslip rests on figures that no source gives; a payroll officer must confirm them with a date."""


class PayslipNotComputed(ComputationRefusal):
    """The payslip could not be computed, and the reason is ours; the logs of the operators tell it."""


class PayRunRefusal(PayrollRefusal):
    """The pay run cannot be made or shown."""


class PayPeriodNotBegun(PayRunRefusal):
    """This month has not begun; there is nothing to pay yet."""


class PeriodReversed(PayRunRefusal):
    """The last month is before the first."""


class RecomputationUnderWay(PayRunRefusal):
    """Payslips of this entity are being computed again; ask once that has ended."""


class UnknownRecomputation(PayRunRefusal):
    """There is no such recomputation of payslips."""


class UnknownPayRun(PayRunRefusal):
    """There is no such pay run."""


class DeclarationRefusal(PayrollRefusal):
    """The declaration does not allow this."""


class DeclarationCannotMove(DeclarationRefusal):
    """A declaration in this state cannot go to that state."""


class DeclarationAnswerMalformed(DeclarationRefusal):
    """The authority's answer cannot be read."""


class HireFormatUnknown(DeclarationRefusal):
    """No program here writes declarations of hire in the format that the country's data names."""


class ReturnRefusal(PayrollRefusal):
    """The periodic return to the authority cannot be made."""


class PaidOutsidePeriod(ReturnRefusal):
    """A payslip belongs in the return of the period in which it was paid."""


class PayslipReturnedTwice(ReturnRefusal):
    """A payslip stands in a return once."""


class ReturnTooLarge(ReturnRefusal):
    """The return holds more payslips than this system declares at once."""


class ReturnFormatUnknown(ReturnRefusal):
    """No document goes by the format that the country's data names."""


class ReturnLineWithoutPlace(ReturnRefusal):
    """The country's data does not say where this line of the payslips is declared."""


class ReturnFieldUnfit(ReturnRefusal):
    """This number does not fit the field of the return: it is too long, or negative where it cannot be."""


class ReturnTextEmpty(ReturnRefusal):
    """A name or number of the return has no character that the authority accepts."""


class ReturnUnknown(ReturnRefusal):
    """The country's data names no such return on this day."""


class ReturnPeriodNotOver(ReturnRefusal):
    """A return is filed when its period is over."""


class ReturnAlreadyFiled(ReturnRefusal):
    """The return of this period has been filed; where the authority refuses it, it is filed again."""


class ReturnNotRefused(ReturnRefusal):
    """A return is filed again where the authority refused it, or a payslip or correction came after it."""


class ReturnIncomplete(ReturnRefusal):
    """Contracts of this period have ended and their payslips are not computed yet."""


class ReturnCannotMove(ReturnRefusal):
    """The authority has decided about this return already, and otherwise."""


class ReturnAnswerMalformed(ReturnRefusal):
    """The authority's answer to the return cannot be read."""


class EstablishmentRegionUnknown(ReturnRefusal):
    """The law of this country does not know this region of an establishment."""


class DeclarantMissing(ReturnRefusal):
    """The authority's number of the employer, and whom it may ask, must be known before a return is filed."""


class CertificateRefusal(PayrollRefusal):
    """The yearly certificate does not allow this."""


class CertificateUnknown(CertificateRefusal):
    """The country's data says not what an employer certifies of this year."""


class CertificateLineWithoutBox(CertificateRefusal):
    """A line of a payslip has no box in the yearly certificate of its country."""


class CertificateTooLarge(CertificateRefusal):
    """A yearly certificate sums so many payslips of a worker and no more."""


class WagePaymentRefusal(PayrollRefusal):
    """The payment of this wage does not allow this."""


class WageNotReturned(WagePaymentRefusal):
    """Only a wage that the bank returned is paid again; this one is on its way or paid."""


class WageReturnedTooOften(WagePaymentRefusal):
    """The bank has returned this wage so often that a person must speak with the member and the bank."""


class PaymentFileRefusal(PayrollRefusal):
    """The payment file cannot be made or read."""


class PaymentFileEmpty(PaymentFileRefusal):
    """A payment file needs at least one payment."""


class PaymentFileTooLarge(PaymentFileRefusal):
    """The payment file is larger than this system handles at once."""


class PaymentFileMalformed(PaymentFileRefusal):
    """The file from the bank cannot be read: it is not the status report it should be."""


class PaymentNotPositive(PaymentFileRefusal):
    """A payment must be above zero."""


class PaymentReferenceTwice(PaymentFileRefusal):
    """Two payments of one file carry the same reference."""


class PaymentTextEmpty(PaymentFileRefusal):
    """A name or reference has no character that a bank accepts."""
