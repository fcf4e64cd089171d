//! A comparison on a terminal.

use std::fmt;

use super::{Change, Comparison};
use crate::text::{count, dtypes};

/// The largest number of lines in a list.
const SHOWN: usize = 100;

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}  {}", self.id, self.level)?;
        match (self.old, self.new) {
            (Some(old), Some(new)) if old != new => write!(f, "  {old} -> {new}")?,
            (old, new) => {
                if let Some(verdict) = new.or(old) {
                    write!(f, "  {verdict}")?;
                }
            }
        }
        if let Some(cause) = self.cause {
            write!(f, "  {cause}")?;
        }
        if self.cells.iter().any(|cell| !cell.is_empty()) {
            write!(f, "  {}", dtypes(self.cells.iter().map(String::as_str)))?;
        }
        Ok(())
    }
}

/// A list under its title, cut if it is long.
fn list(f: &mut fmt::Formatter<'_>, title: &str, what: &str, lines: &[impl fmt::Display]) -> fmt::Result {
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}: {}", count(lines.len(), what))?;
    lines.iter().take(SHOWN).try_for_each(|line| writeln!(f, "  {line}"))?;
    if lines.len() > SHOWN {
        writeln!(f, "  … and {} more", lines.len() - SHOWN)?;
    }
    Ok(())
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.notes.iter().try_for_each(|note| writeln!(f, "{note}"))?;
        self.lists().into_iter().try_for_each(|(title, changes)| list(f, title, "check", changes))?;
        let measured = self.measured();
        measured.iter().try_for_each(|(title, what, lines)| list(f, title, what, lines))?;
        let not_compared = self.not_compared();
        if let Some(what) = &not_compared {
            writeln!(f, "\nnot compared: {what}")?;
        }
        if self.lost() {
            list(f, "vanished", "check", &self.vanished)?;
        }
        let alone = not_compared.is_none() && self.lists().iter().all(|(_, changes)| changes.is_empty());
        let alone = alone && measured.iter().all(|(_, _, lines)| lines.is_empty());
        match self.outcome() {
            Some(outcome) if alone => writeln!(f, "{outcome}"),
            Some(outcome) => writeln!(f, "\n{outcome}"),
            None => Ok(()),
        }
    }
}
