//! A short table in Markdown, for a README or a comment on a pull request.

use array_assay_format::{Level, Results, Verdict};

use crate::gate::{Tally, gated_revision};
use crate::text::{one_line, thousands, visible};

/// A table with one row per backend: the revisions that it conforms to, and its checks at level must in the revision of its default gate.
pub fn markdown(results: &[Results]) -> String {
    let mut out = String::from(
        "| backend | version | conforms to | revision | checks | pass | fail | missing | crash, timeout | other |\n\
         |---|---|---|---|--:|--:|--:|--:|--:|--:|\n",
    );
    for run in results {
        let revision = gated_revision(&run.header);
        let tally = Tally::of(run.checks.iter().filter(|check| check.level == Level::Must), revision);
        let conforms: Vec<&str> = run.footer.conforms.iter().filter(|(_, holds)| **holds).map(|(r, _)| r.word()).collect();
        let died = tally.get(Verdict::Crash) + tally.get(Verdict::Timeout);
        let other =
            tally.get(Verdict::NotTested) + tally.get(Verdict::Blocked) + tally.get(Verdict::Unsupported) + tally.get(Verdict::Flaky);
        let numbers = [tally.total(), tally.get(Verdict::Pass), tally.get(Verdict::Fail), tally.get(Verdict::Missing), died, other];
        let numbers: Vec<String> = numbers.iter().map(|n| thousands(*n)).collect();
        out.push_str(&format!(
            "| {} | {} | {} | {revision} | {} |\n",
            escape(&run.header.backend.name),
            escape(&run.header.backend.version),
            if conforms.is_empty() { "–".to_owned() } else { conforms.join(", ") },
            numbers.join(" | "),
        ));
    }
    out
}

/// The beginning of a text with every character that Markdown or HTML could take for markup escaped.
pub(crate) fn escape(text: &str) -> String {
    escaped(text, 80)
}

/// A text as one line of Markdown that shows it as it is, whatever it holds.
pub fn escape_markdown(text: &str) -> String {
    escaped(text, 1000)
}

/// A text as a block of code, whatever it holds.
pub fn fenced(text: &str) -> String {
    fenced_as("text", text)
}

/// A text as a block of code in a language.
pub(crate) fn fenced_as(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", visible(text.trim_end()))
}

fn escaped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for c in one_line(text, width).chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '!' | '~' | '@' | '$' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    out
}
