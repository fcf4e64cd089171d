//! The small coloured marks.

use array_assay_format::{Check, Level, Revision, Verdict};
use serde::Serialize;

use crate::gate::{Tally, deviation};
use crate::text::visible;

/// A verdict as a glyph with a colour; the word is there for those who see neither.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Mark {
    /// The word, which names the colour's class as well.
    pub word: &'static str,
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

    /// Every mark with what it means, the gravest first.
    pub fn legend() -> Vec<(Mark, &'static str)> {
        let meaning = |verdict| match verdict {
            Verdict::Pass => "every check at level must passes",
            Verdict::NotTested => "no case was judged for it; the cells say why",
            Verdict::Blocked => "a named prerequisite failed, so this could not be judged",
            Verdict::Unsupported => "the library lacks a capability and says so",
            Verdict::Flaky => "fails sometimes",
            Verdict::Missing => "the function does not exist",
            Verdict::Fail => "a clause of the standard does not hold",
            Verdict::Timeout => "a call did not end in time",
            Verdict::Crash => "the process died",
        };
        Verdict::ALL.iter().rev().map(|verdict| (Mark::of(*verdict), meaning(*verdict))).collect()
    }
}

/// A piece of a clause's text: code where it stands between backticks.
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

/// What a backend's checks of one function come to at a revision.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    pub mark: Mark,
    pub passed: u64,
    pub total: u64,
    /// Whether something deviates at level must (of a function of gaps: at any).
    pub deviates: bool,
    /// Deviations at the levels should and quality, those of doubtful clauses apart: these are questions.
    pub below: usize,
    /// For people who hover, and for those who listen.
    pub says: String,
}

impl Standing {
    /// `None` where the revision has none of the checks.
    pub fn of(checks: &[&Check], revision: Revision) -> Option<Standing> {
        let musts: Vec<&Check> = checks.iter().copied().filter(|check| check.level == Level::Must).collect();
        // A function of gaps has no musts; neither does one whose clauses are all doubtful.
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

/// The check's verdict as `front` sees it; as it stands where that revision does not have the check.
pub fn verdict(check: &Check, front: Revision) -> Verdict {
    check.verdict_in(front).unwrap_or(check.verdict)
}

pub fn deviates(check: &Check, front: Revision) -> bool {
    if check.applies_to(front) { deviation(check, front).is_some() } else { deviation(check, check.since).is_some() }
}

/// `since 2023.12`, `until 2022.12`, where a check is not of every revision.
pub fn span(check: &Check) -> Option<String> {
    match (check.since, check.until) {
        (Revision::V2021_12, None) => None,
        (Revision::V2021_12, Some(last)) => Some(format!("until {last}")),
        (first, None) => Some(format!("since {first}")),
        (first, Some(last)) if first == last => Some(format!("{first} only")),
        (first, Some(last)) => Some(format!("{first} to {last}")),
    }
}
