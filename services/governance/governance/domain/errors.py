"""Every refusal of the governance service.

GovernanceRefusal
├── MeetingRefusal
│   ├── UnknownMeeting
│   ├── NoRuleSet
│   ├── MeetingNotDraft
│   ├── MeetingNotConvened
│   ├── MeetingNotOpen
│   ├── MeetingNotClosed
│   ├── MeetingInThePast
│   ├── MeetingNotToday
│   ├── AgendaEmpty
│   ├── NoticeTooShort
│   ├── BallotStillOpen
│   └── MinutesIncomplete
├── RollRefusal
│   ├── RollNotFrozen
│   ├── RollAlreadyFrozen
│   ├── RecordDateNotReached
│   ├── RollOfAnotherDay
│   └── CorrectionNeedsTwoSignatures
├── ResolutionRefusal
│   ├── UnknownResolution
│   ├── ResolutionKindUnknown
│   ├── TranslationMissing
│   ├── LanguageMalformed
│   ├── LanguageRepeated
│   ├── TextNotAcceptable
│   ├── AgendaFixed
│   ├── NotOnAgenda
│   ├── TextChanged
│   ├── BallotModeNotAvailable
│   ├── BallotAlreadyOpened
│   ├── BallotNotOpen
│   ├── BallotNotClosed
│   └── ResolutionAlreadyDecided
├── VoteRefusal
│   ├── NotOnRoll
│   ├── AlreadyVoted
│   └── NoProxyFromMember
├── WriteOffRefusal
│   └── UnknownWriteOff · WriteOffAlreadyApproved
└── ProxyRefusal
    ├── ProxyToOneself
    ├── ProxyChained
    ├── ProxyAlreadyGiven
    ├── ProxyAfterVote
    └── TooManyProxies
"""

from commons.refusal import Refusal


class GovernanceRefusal(Refusal):
    """The rules of the assembly do not allow this."""


class WriteOffRefusal(GovernanceRefusal):
    """This cannot be done with the write-off."""


class UnknownWriteOff(WriteOffRefusal):
    """There is no such proposal to write something off."""


class WriteOffAlreadyApproved(WriteOffRefusal):
    """This write-off was approved before; it is decided once."""


class MeetingRefusal(GovernanceRefusal):
    """This cannot be done with this general meeting."""


class UnknownMeeting(MeetingRefusal):
    """There is no such meeting."""


class NoRuleSet(MeetingRefusal):
    """There are no rules for this kind of meeting of this legal form on that day."""


class MeetingNotDraft(MeetingRefusal):
    """The meeting was convened already: its agenda and date are fixed."""


class MeetingNotConvened(MeetingRefusal):
    """The meeting was not convened, or it was opened already."""


class MeetingNotOpen(MeetingRefusal):
    """The meeting is not open."""


class MeetingNotClosed(MeetingRefusal):
    """The minutes are written once, after the meeting was closed."""


class MeetingInThePast(MeetingRefusal):
    """A meeting is convened for a day to come."""


class MeetingNotToday(MeetingRefusal):
    """A meeting is opened on the day for which it was convened."""


class AgendaEmpty(MeetingRefusal):
    """A meeting is convened with at least one resolution on its agenda."""


class NoticeTooShort(MeetingRefusal):
    """The members were not called early enough, and not all of them waived the notice."""


class BallotStillOpen(MeetingRefusal):
    """A meeting is closed when every resolution of its agenda has been decided or postponed."""


class MinutesIncomplete(MeetingRefusal):
    """The minutes miss something that the rules of this meeting require."""


class RollRefusal(GovernanceRefusal):
    """This cannot be done with the roll."""


class RollNotFrozen(RollRefusal):
    """The roll of this meeting is not frozen yet, so nobody can be counted."""


class RollAlreadyFrozen(RollRefusal):
    """The roll of this meeting is frozen; only a signed correction can change it."""


class RecordDateNotReached(RollRefusal):
    """The roll is frozen on the record date or after, never before."""


class RollOfAnotherDay(RollRefusal):
    """The roll is that of another entity or of another day than the record date."""


class CorrectionNeedsTwoSignatures(RollRefusal):
    """A frozen roll is corrected with a written reason and the signatures of two different persons."""


class ResolutionRefusal(GovernanceRefusal):
    """This cannot be done with this resolution."""


class UnknownResolution(ResolutionRefusal):
    """There is no such resolution."""


class ResolutionKindUnknown(ResolutionRefusal):
    """The rules of this meeting know no such kind of resolution."""


class TranslationMissing(ResolutionRefusal):
    """A resolution is called in every language that the rules require."""


class LanguageMalformed(ResolutionRefusal):
    """A language is named by its two or three small letters, like fr."""


class LanguageRepeated(ResolutionRefusal):
    """A resolution has one text in each language."""


class TextNotAcceptable(ResolutionRefusal):
    """The text is empty, too long, or holds control characters."""


class AgendaFixed(ResolutionRefusal):
    """The agenda was fixed when the meeting was convened."""


class NotOnAgenda(ResolutionRefusal):
    """Only what was on the agenda at the call can be voted on."""


class TextChanged(ResolutionRefusal):
    """The text is no longer the one that was called."""


class BallotModeNotAvailable(ResolutionRefusal):
    """This resolution needs a ballot that this system does not hold; an open vote would break its rules."""


class BallotAlreadyOpened(ResolutionRefusal):
    """The ballot on this resolution was opened before."""


class BallotNotOpen(ResolutionRefusal):
    """The ballot on this resolution is not open."""


class BallotNotClosed(ResolutionRefusal):
    """The result is found after the ballot was closed."""


class ResolutionAlreadyDecided(ResolutionRefusal):
    """The resolution was decided before."""


class VoteRefusal(GovernanceRefusal):
    """This vote cannot be counted."""


class NotOnRoll(VoteRefusal):
    """Only members on the frozen roll can vote, give a proxy or hold one."""


class AlreadyVoted(VoteRefusal):
    """One member, one vote: this member has voted on this resolution."""


class NoProxyFromMember(VoteRefusal):
    """Nobody votes for another member without a proxy in force."""


class ProxyRefusal(GovernanceRefusal):
    """This proxy cannot be given."""


class ProxyToOneself(ProxyRefusal):
    """A proxy is given to another member."""


class ProxyChained(ProxyRefusal):
    """Who holds proxies cannot give one away, and who gave one away cannot hold any."""


class ProxyAlreadyGiven(ProxyRefusal):
    """This member has given a proxy; it must be revoked before another is given."""


class ProxyAfterVote(ProxyRefusal):
    """This member has voted already and cannot be represented any more."""


class TooManyProxies(ProxyRefusal):
    """The holder has as many proxies as the rules allow."""
