//! A comparison in Markdown, as a comment on a pull request: the outcome first, each list folded.

use super::{Change, Comparison};
use crate::markdown::escape_markdown;
use crate::text::count;

/// The largest number of lines in a list. GitHub refuses comments of more than 65,536 characters.
const SHOWN: usize = 50;

impl Comparison {
    /// The comparison in Markdown.
    pub fn markdown(&self) -> String {
        let mut out = format!("**Array API:** {}\n", self.headline());
        if let Some(what) = self.not_compared() {
            out.push_str(&format!("\nNot compared: {}\n", escape_markdown(&what)));
        }
        for (title, changes) in self.lists() {
            // Only what may be a regression is open.
            let open = changes.iter().any(Change::may_regress) && !matches!(title, "fixed" | "changed in another way");
            fold(&mut out, title, "check", open, changes);
        }
        for (title, what, lines) in self.measured() {
            fold(&mut out, title, what, false, &lines);
        }
        if self.lost() {
            fold(&mut out, "vanished", "check", true, &self.vanished);
        }
        if !self.notes.is_empty() {
            fold(&mut out, "the runs differ in", "point", false, &self.notes);
        }
        out
    }

    /// The numbers of what changed.
    fn headline(&self) -> String {
        let numbers = self.lists().map(|(title, changes)| (changes.len(), title));
        let measured = self.measured().map(|(title, _, lines)| (lines.len(), title));
        let said: Vec<String> =
            numbers.into_iter().chain(measured).filter(|(n, _)| *n > 0).map(|(n, title)| format!("{n} {title}")).collect();
        match (self.outcome(), said.is_empty()) {
            (Some(outcome), true) => outcome,
            (Some(outcome), false) => format!("{outcome} ({})", said.join(", ")),
            (None, true) => format!("{} vanished", count(self.vanished.len(), "check")),
            (None, false) => said.join(", "),
        }
    }
}

/// A list that opens at a click.
fn fold(out: &mut String, title: &str, what: &str, open: bool, lines: &[impl ToString]) {
    if lines.is_empty() {
        return;
    }
    let open = if open { " open" } else { "" };
    out.push_str(&format!("\n<details{open}><summary>{title}: {}</summary>\n\n", count(lines.len(), what)));
    lines.iter().take(SHOWN).for_each(|line| out.push_str(&format!("- {}\n", escape_markdown(&line.to_string()))));
    if lines.len() > SHOWN {
        out.push_str(&format!("- … and {} more\n", lines.len() - SHOWN));
    }
    out.push_str("\n</details>\n");
}
