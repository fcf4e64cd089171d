//! `checks`: the ids of all checks, for tools that make a test of each.

use std::io::Write;

use array_assay_format::{Level, Revision};
use array_assay_spec::Spec;

use crate::cli;
use crate::exit::{Error, Exit};

/// Prints one id a line.
pub fn run(options: &cli::Checks) -> Result<Exit, Error> {
    crate::nearest::globs(&options.select)?;
    let spec = Spec::embedded();
    // No gate counts what the standard lacks; a run at level quality judges it all the same.
    let gaps = if options.level.is_none_or(|level| level == Level::Quality) { Some(spec.gap_checks()) } else { None };
    let applies = |since: Revision, until: Option<Revision>| match options.revision {
        Some(revision) => since <= revision && until.is_none_or(|last| revision <= last),
        None => since != Revision::Draft,
    };
    let mut out = String::new();
    for check in spec.checks().chain(gaps.into_iter().flatten()) {
        let counts = options.level.is_none_or(|level| check.gated_at.unwrap_or(check.level) <= level);
        let selected = options.select.is_empty() || options.select.iter().any(|glob| glob.matches(&check.id));
        if counts && selected && applies(check.since, check.until) {
            out.push_str(&format!("{}\n", check.id));
        }
    }
    // A reader such as `head` may not want them all.
    let _ = std::io::stdout().write_all(out.as_bytes());
    Ok(if out.is_empty() { Exit::Nothing } else { Exit::Success })
}
