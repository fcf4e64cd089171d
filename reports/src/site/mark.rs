//! The small coloured marks of verdicts, and the pieces of a text.

use array_assay_format::Verdict;
use serde::Serialize;

use super::model::Standing;
use crate::text::visible;

/// A verdict as a coloured glyph, with a word for screen readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// The word of the verdict, which is also the CSS class of its colour.
    pub word: &'static str,
    /// The class of a cell with it: one letter, because a matrix has thousands of cells.
    pub class: &'static str,
    /// The character to show.
    pub glyph: &'static str,
}

impl Mark {
    /// A function that the library lacks and that passes with a polyfill.
    pub const POLYFILLED: Mark = Mark { word: "polyfilled", class: "y", glyph: "◐" };

    pub const fn of(verdict: Verdict) -> Mark {
        let (class, glyph) = match verdict {
            Verdict::Pass => ("p", "✓"),
            Verdict::NotTested => ("n", "·"),
            Verdict::Blocked => ("b", "»"),
            Verdict::Unsupported => ("u", "○"),
            Verdict::Flaky => ("k", "~"),
            Verdict::Missing => ("m", "–"),
            Verdict::Fail => ("f", "✗"),
            Verdict::Timeout => ("t", "…"),
            Verdict::Crash => ("c", "!"),
        };
        Mark { word: verdict.word(), class, glyph }
    }

    /// All marks with their meanings, the most serious first.
    pub fn legend() -> Vec<(Mark, &'static str)> {
        let meaning = |verdict| match verdict {
            Verdict::Pass => "every check of what the standard demands passes",
            Verdict::NotTested => "nothing was judged; the page of the library says why",
            Verdict::Blocked => "could not be judged, because another check failed",
            Verdict::Unsupported => "the library lacks a capability that the call needs",
            Verdict::Flaky => "a deviation that did not happen every time",
            Verdict::Missing => "the library does not have the function",
            Verdict::Fail => "a clause of the standard does not hold",
            Verdict::Timeout => "a call did not end in time",
            Verdict::Crash => "a call ended the process",
        };
        let mut all: Vec<(Mark, &'static str)> = Verdict::ALL.iter().rev().map(|verdict| (Mark::of(*verdict), meaning(*verdict))).collect();
        all.push((Mark::POLYFILLED, "the library lacks the function, and a polyfill passes every check"));
        all
    }
}

/// How a run does on a function, as a cell of the matrix.
#[derive(Debug, Clone, Serialize)]
pub struct Cell {
    pub mark: Mark,
    /// The classes of the cell: that of the mark, `d` if an uncertain mark deviates, `q` if something below level must deviates.
    pub class: String,
}

impl Cell {
    pub fn of(standing: Standing, polyfilled: bool) -> Cell {
        let mark = if polyfilled && standing.verdict == Verdict::Pass { Mark::POLYFILLED } else { Mark::of(standing.verdict) };
        let mut class = if mark.class == "p" { Vec::new() } else { vec![mark.class] };
        if standing.deviates && matches!(standing.verdict, Verdict::Unsupported | Verdict::Flaky) {
            class.push("d");
        }
        if standing.below > 0 {
            class.push("q");
        }
        Cell { mark, class: class.join(" ") }
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
