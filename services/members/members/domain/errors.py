"""Every refusal of the members service.

MembersRefusal
├── UnknownMember
├── NotAMember
├── PersonNotAccepted
│   ├── NameMissing
│   ├── NameTooLong
│   ├── NameHasForbiddenCharacters
│   ├── MalformedEmail
│   ├── LanguageNotServed
│   ├── BirthDateImplausible
│   └── NotOfAge
├── ApplicationRefusal
│   ├── AlreadyApplied
│   ├── CategoryUnknown
│   ├── ApplicationAlreadyDecided
│   └── RefusalReasonUnknown
├── ResignationRefusal
│   ├── NeverAdmitted
│   ├── AlreadyResigned
│   ├── LetterInTheFuture
│   └── LetterBeforeAdmission
├── SubscriptionRefusal
│   ├── MembershipEnded
│   ├── ShareQuantityOutOfRange
│   ├── ReferenceMissing
│   ├── SubscriptionAlreadyPaid
│   └── SubscriptionCancelled
└── RegisterRefusal
    ├── EntryInTheFuture
    ├── NotEnoughShares
    ├── TransferToOneself
    ├── CategoryUnchanged
    ├── EntryNotReversible
    ├── RedemptionUnknown
    ├── InstalmentNotPositive
    ├── InstalmentInOtherCurrency
    └── InstalmentExceedsRedemption
"""

from commons.refusal import Refusal


class MembersRefusal(Refusal):
    """This cannot be done with this membership."""


class UnknownMember(MembersRefusal):
    """There is no such member."""


class NotAMember(MembersRefusal):
    """This person has not applied to this legal entity."""


class PersonNotAccepted(MembersRefusal):
    """The details of the person cannot be accepted as they stand."""


class NameMissing(PersonNotAccepted):
    """A name needs at least one letter."""


class NameTooLong(PersonNotAccepted):
    """The name is longer than the register can hold."""


class NameHasForbiddenCharacters(PersonNotAccepted):
    """The name holds invisible or control characters; please type it again."""


class MalformedEmail(PersonNotAccepted):
    """The e-mail address does not have the form name@domain."""


class LanguageNotServed(PersonNotAccepted):
    """The cooperative does not write in this language in this country."""


class BirthDateImplausible(PersonNotAccepted):
    """The birth date lies in the future or too far in the past."""


class NotOfAge(PersonNotAccepted):
    """The person has not reached the age at which one may become a member."""


class ApplicationRefusal(MembersRefusal):
    """This cannot be done with this application."""


class AlreadyApplied(ApplicationRefusal):
    """This person has applied to this legal entity before."""


class CategoryUnknown(ApplicationRefusal):
    """The statutes have no such category of members."""


class ApplicationAlreadyDecided(ApplicationRefusal):
    """The application was decided before."""


class RefusalReasonUnknown(ApplicationRefusal):
    """The door is open: an application is refused only for a reason that the statutes name."""


class ResignationRefusal(MembersRefusal):
    """This membership cannot be resigned in this way."""


class NeverAdmitted(ResignationRefusal):
    """No share was ever paid here, so there is no membership to resign."""


class AlreadyResigned(ResignationRefusal):
    """The membership was resigned before; its shares are asked back already."""


class LetterInTheFuture(ResignationRefusal):
    """A letter of resignation is dated on the day it is received or before, never later."""


class LetterBeforeAdmission(ResignationRefusal):
    """The letter is dated before the membership began."""


class SubscriptionRefusal(MembersRefusal):
    """This cannot be done with this share subscription."""


class MembershipEnded(SubscriptionRefusal):
    """The membership was resigned; apply again to come back, then subscribe shares."""


class ShareQuantityOutOfRange(SubscriptionRefusal):
    """The number of shares is outside what one subscription may hold."""


class ReferenceMissing(SubscriptionRefusal):
    """A subscription needs a payment reference with digits, or its payment could not be found."""


class SubscriptionAlreadyPaid(SubscriptionRefusal):
    """The subscription is paid already."""


class SubscriptionCancelled(SubscriptionRefusal):
    """The subscription was cancelled."""


class RegisterRefusal(MembersRefusal):
    """This cannot be written into the share register."""


class EntryInTheFuture(RegisterRefusal):
    """An entry takes effect on the day it is written or before, never later."""


class NotEnoughShares(RegisterRefusal):
    """The member does not hold that many paid shares."""


class TransferToOneself(RegisterRefusal):
    """Shares are transferred to another member, not to oneself."""


class CategoryUnchanged(RegisterRefusal):
    """The shares are in this category already."""


class EntryNotReversible(RegisterRefusal):
    """Only a payment of shares that are still held can be reversed, and only once."""


class RedemptionUnknown(RegisterRefusal):
    """There is no redemption request with this register number."""


class InstalmentNotPositive(RegisterRefusal):
    """An instalment repays an amount above nothing."""


class InstalmentInOtherCurrency(RegisterRefusal):
    """Shares are repaid in the currency in which they were paid."""


class InstalmentExceedsRedemption(RegisterRefusal):
    """The instalments would repay more than the member paid for the shares."""
