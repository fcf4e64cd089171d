//! The fixed vocabularies of results files, which the spec shares.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not in a vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} `{word}`: expected one of {}", known.join(", "))]
pub struct UnknownWord {
    what: &'static str,
    word: String,
    known: Vec<&'static str>,
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident, $what:literal: $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant),+
        }

        impl $name {
            /// Every word, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word as it is written.
            pub const fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word),+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|v| v.word() == word).ok_or_else(|| UnknownWord {
                    what: $what,
                    word: word.to_owned(),
                    known: Self::ALL.iter().map(|v| v.word()).collect(),
                })
            }
        }
    };
}

vocabulary! {
    /// A revision of the standard, in order of publication.
    Revision, "revision":
    /// 2021.12
    V2021_12 = "2021.12",
    /// 2022.12: complex numbers.
    V2022_12 = "2022.12",
    /// 2023.12
    V2023_12 = "2023.12",
    /// 2024.12: Python scalars as arguments.
    V2024_12 = "2024.12",
    /// 2025.12
    V2025_12 = "2025.12",
    /// The upstream draft, at a pinned commit.
    Draft = "draft",
}

impl Revision {
    /// The newest published revision.
    pub const NEWEST: Revision = Revision::V2025_12;

    /// The revision after this one.
    pub fn next(self) -> Option<Revision> {
        Self::ALL.iter().copied().find(|other| *other > self)
    }

    /// The published revisions.
    pub fn published() -> &'static [Revision] {
        &Self::ALL[..Self::ALL.len() - 1]
    }
}

vocabulary! {
    /// How binding a clause is. A gate at a level counts that level and all more binding ones.
    Level, "level":
    /// The standard demands it.
    Must = "must",
    /// The standard recommends it.
    Should = "should",
    /// A matter of quality that the standard leaves open, or a clause whose text is doubtful.
    Quality = "quality",
}

vocabulary! {
    /// The property of a function that a check judges.
    Property, "property":
    /// The function exists.
    Present = "present",
    /// The parameters have the standard's kinds and defaults.
    Signature = "signature",
    /// Every legal call returns.
    Call = "call",
    /// The result is of the right type: an array, a tuple, ...
    Type = "type",
    /// The result's dtype.
    Dtype = "dtype",
    /// The result's shape.
    Shape = "shape",
    /// The result's device.
    Device = "device",
    /// The result's elements.
    Value = "value",
    /// One special case of the text.
    Special = "special",
    /// Inputs are the same after the call.
    Pure = "pure",
    /// Memory is shared or copied as the text demands.
    Copy = "copy",
    /// Calls that have to raise do so.
    Raises = "raises",
}

vocabulary! {
    /// The verdict on a check or a cell, the most serious last.
    Verdict, "verdict":
    /// The check holds.
    Pass = "pass",
    /// No case was judged. The cells say why.
    NotTested = "not-tested",
    /// A check that this one depends on failed.
    Blocked = "blocked",
    /// The library lacks a capability that the call needs.
    Unsupported = "unsupported",
    /// A deviation or a fault of the process that did not happen every time. The note of the cell says how often it did.
    Flaky = "flaky",
    /// The function does not exist.
    Missing = "missing",
    /// The standard is violated.
    Fail = "fail",
    /// The call did not end in time.
    Timeout = "timeout",
    /// The process died.
    Crash = "crash",
}

impl Verdict {
    /// Whether the verdict says something about the library: cases were judged, or the library is the reason why not.
    pub const fn is_judged(self) -> bool {
        !matches!(self, Verdict::NotTested | Verdict::Blocked)
    }

    /// Whether the gate counts the verdict as a deviation.
    pub const fn is_deviation(self) -> bool {
        matches!(self, Verdict::Unsupported | Verdict::Flaky | Verdict::Missing | Verdict::Fail | Verdict::Timeout | Verdict::Crash)
    }

    /// Whether a cell with this verdict deviates only if it has a cause.
    pub const fn needs_cause(self) -> bool {
        matches!(self, Verdict::Unsupported | Verdict::Flaky)
    }
}

vocabulary! {
    /// What came of the replay of a consumer's workload.
    ReplayEnd, "end":
    /// It ran, and the results are right.
    Right = "right",
    /// It ran, and a result is wrong.
    Wrong = "wrong",
    /// A result differs because the consumer leans on more than the standard promises. The library is not at fault.
    Freedom = "freedom",
    /// A step failed.
    Blocked = "blocked",
    /// It ran. The consumer itself makes its results on the host, so there is nothing to judge.
    Host = "host",
    /// The library's values lead the consumer another way than the traced one.
    AnotherPath = "another-path",
    /// The trace is not whole: the consumer does not run on array-api-strict either.
    Cut = "cut",
    /// Nothing was judged.
    NotJudged = "not-judged",
}

vocabulary! {
    /// Why a cell deviates.
    Cause, "cause":
    /// An element is wrong.
    WrongValue = "wrong-value",
    /// An element is right only roughly: its error exceeds the accuracy profile.
    Inaccurate = "inaccurate",
    /// The dtype is wrong.
    WrongDtype = "wrong-dtype",
    /// The shape is wrong.
    WrongShape = "wrong-shape",
    /// The type is wrong.
    WrongType = "wrong-type",
    /// The device is wrong.
    WrongDevice = "wrong-device",
    /// A legal call raised.
    Raised = "raised",
    /// A call that must raise returned.
    NotRaised = "not-raised",
    /// The function does not exist.
    MissingName = "missing-name",
    /// A keyword argument is not accepted.
    MissingKeyword = "missing-keyword",
    /// The signature differs.
    Signature = "signature",
    /// An input changed.
    MutatedInput = "mutated-input",
    /// Memory is shared although it must not be, or not shared although it must be.
    Aliased = "aliased",
    /// A capability is absent.
    Unsupported = "unsupported",
    /// The process died.
    Crashed = "crashed",
    /// The process exceeded its memory limit.
    OutOfMemory = "out-of-memory",
    /// The call did not end in time.
    TimedOut = "timed-out",
    /// The worker broke the protocol.
    Protocol = "protocol",
}
