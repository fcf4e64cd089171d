//! A bug report with everything that a maintainer needs, as Markdown.

use std::fmt::Write as _;

use array_assay_format::{Cell, Check, Counterexample, Header};

use crate::markdown::fenced_as;
use crate::text::{one_line, visible};

/// The greatest number of characters of a line that a library wrote.
const LINE: usize = 2000;

/// Foreign text on a line of its own.
fn line(text: &str) -> String {
    one_line(text, LINE)
}

/// Foreign text as code in a line. Its delimiters are longer than any backticks in it.
fn code(text: &str) -> String {
    let text = visible(text).replace('\n', "\\n");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{text}{pad}{ticks}")
}

/// The bug report for a deviation of a check, on the given dtype or on any. `None` if there is no counterexample.
pub fn bug_report(header: &Header, check: &Check, dtype: Option<&str>) -> Option<String> {
    let cells = check.cells.iter().filter(|cell| cell.counterexample.is_some() && dtype.is_none_or(|d| cell.dtype == d));
    let (cell, example) = cells.filter_map(|cell| Some((cell, cell.counterexample.as_ref()?))).min_by_key(|(_, e)| e.call.len())?;
    let (before, after) = around(header, check, cell, example);
    let script = if example.snippet.is_empty() { String::new() } else { format!("{}\n\n", fenced_as(language(header), &example.snippet)) };
    Some(format!("{before}{script}{after}"))
}

/// The language of a library's scripts.
pub(crate) fn language(header: &Header) -> &'static str {
    if header.backend.language.starts_with("Rust") { "rust" } else { "python" }
}

/// What stands before and after the script in the bug report for a deviating cell.
pub(crate) fn around(header: &Header, check: &Check, cell: &Cell, example: &Counterexample) -> (String, String) {
    let backend = &header.backend;
    let cause = cell.cause.map_or("deviation", |cause| cause.word());
    let before = format!("# {}: {cause} in {}\n\n", line(&backend.library), code(&example.call));
    let mut out = String::new();
    let _ = writeln!(out, "- got: {}", code(&example.got));
    let _ = writeln!(out, "- expected: {}", code(&example.expected));
    if let Some(note) = &example.note {
        let _ = writeln!(out, "- note: {}", line(note));
    }
    if let Some(clause) = &check.clause {
        let _ = writeln!(out, "- the standard ({}, level {}): {}", check.since, check.level, clause.says);
        // A gap without a discussion has no URL.
        if !clause.url.is_empty() {
            let _ = writeln!(out, "  {}", clause.url);
        }
    }
    if let Some(doubt) = &check.doubt {
        let _ = writeln!(out, "- the text of the standard is doubtful: {doubt}");
    }
    let dtypes: Vec<&str> =
        check.cells.iter().filter(|c| c.verdict.is_deviation() && !c.dtype.is_empty()).map(|c| c.dtype.as_str()).collect();
    if !dtypes.is_empty() {
        let _ = writeln!(out, "- dtypes with this deviation: {}", dtypes.join(", "));
    }
    let also: String = backend.also.iter().map(|(name, version)| format!(", {name} {version}")).collect();
    let versions = format!("{} {}{also}, {}, {}", backend.library, backend.version, backend.language, backend.platform);
    let _ = writeln!(out, "- versions: {}", line(&versions));
    let _ = writeln!(out, "- found by {} {} (check `{}`, seed {})", header.tool.name, header.tool.version, check.id, header.seed);
    (before, out)
}
