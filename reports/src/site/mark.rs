//! The small coloured marks of verdicts, and how a backend does on a function.

use array_assay_format::{Check, Level, Revision, Verdict};
use serde::Serialize;

use crate::gate::{Tally, deviation};
use crate::text::visible;

/// A verdict as a coloured glyph, with a word for screen readers.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Mark {
    /// The word of the verdict, which is also the CSS class of its colour.
    pub word: &'static str,
    /// The character to show.
    pub glyph: &'static str,
}

impl Mark {
    pub fn of(verdict: Verdict) -> Mark {
        let glyph = match verdict {
            Verdict::Pass => "✓",
            Verdict::NotTested => "·",
            Verdict::Blocked => "»",
            Verdict::Unsupported => "○",
            Verdict::Flaky => "~",
            Verdict::Missing => "–",
            Verdict::Fail => "✗",
            Verdict::Timeout => "…",
            Verdict::Crash => "!",
        };
        Mark { word: verdict.word(), glyph }
    }

    /// Whether the verdict deviates.
    pub fn deviates(self) -> bool {
        self.word.parse().is_ok_and(Verdict::is_deviation)
    }

    /// All marks with their meanings, the most serious first.
    pub fn legend() -> Vec<(Mark, &'static str)> {
        let meaning = |verdict| match verdict {
            Verdict::Pass => "every check at level must passes",
            Verdict::NotTested => "no case was judged; the cells say why",
            Verdict::Blocked => "could not be judged, because another check failed",
            Verdict::Unsupported => "the library lacks a capability that the call needs",
            Verdict::Flaky => "a deviation or a fault of the process that did not happen every time",
            Verdict::Missing => "the function does not exist",
            Verdict::Fail => "a clause of the standard does not hold",
            Verdict::Timeout => "a call did not end in time",
            Verdict::Crash => "the process died",
        };
        Verdict::ALL.iter().rev().map(|verdict| (Mark::of(*verdict), meaning(*verdict))).collect()
    }
}

/// A piece of a clause's text: prose, or code from between backticks.
#[derive(Debug, Clone, Serialize)]
pub struct Piece {
    pub code: bool,
    pub text: String,
}

/// The pieces of a text.
pub fn prose(text: &str) -> Vec<Piece> {
    let pieces = visible(text);
    let pieces = pieces.split('`').enumerate().map(|(i, text)| Piece { code: i % 2 == 1, text: text.to_owned() });
    pieces.filter(|piece| !piece.text.is_empty()).collect()
}

/// How a backend does on the checks of one function at a revision.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    pub mark: Mark,
    pub passed: u64,
    pub total: u64,
    /// Whether something deviates at level must, or at any level if the function is a gap.
    pub deviates: bool,
    /// The number of deviations at levels should and quality, without those from doubtful clauses.
    pub below: usize,
    /// The tooltip: the number of checks with each verdict.
    pub says: String,
}

impl Standing {
    /// `None` if the revision has none of the checks.
    pub fn of(checks: &[&Check], revision: Revision) -> Option<Standing> {
        let musts: Vec<&Check> = checks.iter().copied().filter(|check| check.level == Level::Must).collect();
        // A gap has no checks at level must, and neither has a function with only doubtful clauses. Then all checks count.
        let (judged, below) = match Tally::of(musts.iter().copied(), revision).total() {
            0 => (checks.to_vec(), Vec::new()),
            _ => (musts, checks.iter().copied().filter(|check| check.level != Level::Must).collect()),
        };
        let tally = Tally::of(judged.iter().copied(), revision);
        let verdict = tally.overall()?;
        let below = below.iter().filter(|check| check.doubt.is_none() && deviation(check, revision).is_some()).count();
        let mut parts: Vec<String> = Verdict::ALL.iter().filter(|v| tally.get(**v) > 0).map(|v| format!("{} {v}", tally.get(*v))).collect();
        if below > 0 {
            parts.push(format!("{below} at level should or quality"));
        }
        Some(Standing {
            mark: Mark::of(verdict),
            passed: tally.get(Verdict::Pass),
            total: tally.total(),
            deviates: judged.iter().any(|check| deviation(check, revision).is_some()),
            below,
            says: parts.join(", "),
        })
    }
}

/// The verdict of a check at the revision `front`, or its verdict overall if that revision does not have the check.
pub fn verdict(check: &Check, front: Revision) -> Verdict {
    check.verdict_in(front).unwrap_or(check.verdict)
}

pub fn deviates(check: &Check, front: Revision) -> bool {
    if check.applies_to(front) { deviation(check, front).is_some() } else { deviation(check, check.since).is_some() }
}

/// The revisions of a check, such as `since 2023.12` or `until 2022.12`. `None` if all revisions have it.
pub fn span(check: &Check) -> Option<String> {
    match (check.since, check.until) {
        (Revision::V2021_12, None) => None,
        (Revision::V2021_12, Some(last)) => Some(format!("until {last}")),
        (first, None) => Some(format!("since {first}")),
        (first, Some(last)) if first == last => Some(format!("{first} only")),
        (first, Some(last)) => Some(format!("{first} to {last}")),
    }
}
