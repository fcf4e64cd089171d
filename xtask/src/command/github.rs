//! What a job of GitHub Actions shows of a run: annotations, and a summary in Markdown.
//!
//! Lines that begin with `::` are commands to the runner, and whatever a library printed is text: while anything of a library's may be printed the runner
//! is told to take no commands, and in annotations and the summary foreign text is escaped.

use std::collections::hash_map::RandomState;
use std::fmt::Write as _;
use std::hash::{BuildHasher, Hasher};
use std::io::Write;

use array_assay_format::{GateReport, Outcome, Results, Standing};
use array_assay_reports::{escape_markdown, fenced, visible};

use crate::cli;
use crate::exit::Error;
use crate::out;

/// The runner shows no more annotations of one kind of a step.
const ANNOTATIONS: usize = 10;

/// So many failures are shown in the summary; a summary of more than a megabyte is refused.
const SHOWN: usize = 50;

/// The file to which a step appends its summary.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// While it lives, the runner takes no line for a command.
pub struct Quiet {
    /// Nobody can guess it.
    token: String,
}

impl Quiet {
    /// Tells the runner, where a job is what the outcome is written for.
    pub fn of(options: &cli::Gate) -> Option<Quiet> {
        (options.format == cli::Format::Github).then(Quiet::begin)
    }

    fn begin() -> Quiet {
        // The keys of a new state are random.
        let token =
            format!("array-assay-{:016x}{:016x}", RandomState::new().build_hasher().finish(), RandomState::new().build_hasher().finish());
        out::print_trusted(&format!("::stop-commands::{token}\n"));
        Quiet { token }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        out::print_trusted(&format!("::{}::\n", self.token));
    }
}

/// Prints annotations of what closes the gate, and appends the summary to the file that the runner names.
pub fn show(report: &GateReport, results: &Results) -> Result<(), Error> {
    for line in annotations(report) {
        out::print_trusted(&format!("{line}\n"));
    }
    let Some(path) = std::env::var_os(SUMMARY).filter(|path| !path.is_empty()) else { return Ok(()) };
    let failed = |source| Error::File { what: "append the summary to", path: path.clone().into(), source };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path).map_err(failed)?;
    file.write_all(summary(report, results).as_bytes()).map_err(failed)
}

/// A line for each failure and each stale entry, as many as the runner shows; the last one counts the others.
fn annotations(report: &GateReport) -> Vec<String> {
    let failures = failed(report).map(|check| {
        let title = format!("{}: {}", report.backend, check.id);
        format!("::error title={}::{}", property(&title), data(&check.message))
    });
    let stale = report.stale.iter().map(|stale| {
        let title = format!("{}: the baseline names what no longer occurs", report.backend);
        let mut place = String::new();
        if let (Some(file), Some(first)) = (&stale.entry.file, stale.entry.first_line) {
            place = format!("file={},line={first},endLine={},", property(file), stale.entry.last_line.unwrap_or(first));
        }
        format!("::error {place}title={}::{}", property(&title), data(&stale.says))
    });
    let mut lines: Vec<String> = stale.chain(failures).collect();
    if lines.len() > ANNOTATIONS {
        let others = lines.len() - (ANNOTATIONS - 1);
        lines.truncate(ANNOTATIONS - 1);
        lines.push(format!("::error title={}::and {others} more: see the summary of the job", property(&report.backend)));
    }
    lines
}

fn failed(report: &GateReport) -> impl Iterator<Item = &Standing> {
    report.checks.iter().filter(|check| check.outcome == Outcome::Failed)
}

/// Text of an annotation: the runner reads these escapes back.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The same in a property, which ends at a comma or a colon.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The outcome in a sentence, the failures with their reports, and the stale entries.
fn summary(report: &GateReport, results: &Results) -> String {
    let count = |outcome: Outcome| report.checks.iter().filter(|check| check.outcome == outcome).count();
    let library = &results.header.backend;
    let mut out = format!(
        "### Array API: {} {} {}\n\n",
        escape_markdown(&library.library),
        escape_markdown(&library.version),
        if report.open { "as expected" } else { "not as expected" }
    );
    let _ = writeln!(
        out,
        "Standard {}, level {}: **{} unexpected deviations**, {} stale entries of the baseline, {} known deviations, {} checks passed, {} not judged.\n",
        report.revision,
        report.level,
        count(Outcome::Failed),
        report.stale.len(),
        count(Outcome::Known),
        count(Outcome::Passed),
        count(Outcome::Skipped),
    );
    for stale in &report.stale {
        let _ = writeln!(out, "- stale: {}", escape_markdown(&stale.says));
    }
    for check in failed(report).take(SHOWN) {
        let _ = writeln!(out, "\n<details><summary><code>{}</code></summary>\n\n{}", check.id, escape_markdown(&check.message));
        if let Some(text) = &check.report {
            let _ = writeln!(out, "\n{}", fenced(text));
        }
        let _ = writeln!(out, "\n</details>");
    }
    let failures = count(Outcome::Failed);
    if failures > SHOWN {
        let _ = writeln!(out, "\nand {} more", failures - SHOWN);
    }
    out + "\n"
}
