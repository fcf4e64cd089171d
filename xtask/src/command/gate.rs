//! Reads baselines, decides the exit code of a run from its results, and runs `baseline update`.

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use array_assay_format::{BaselineEntry, Cell, Check, CheckId, Level, Results, Revision, StaleEntry};
use array_assay_harness::gate::{Baseline, Checks, Found, Gate, Known, Place, UNEXPLAINED};
use array_assay_reports::{Explanation, code_quality, gate_report, gated_revision, junit_gated, sarif, summary_gated, write_gate_report};

use crate::backend;
use crate::cli;
use crate::command::{github, import};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;

/// The largest number of entries in a list of a message.
const LISTED: usize = 20;

/// The revision that `--revision` names. `None` stands for the one that the library claims.
pub fn revision(options: &cli::Gate) -> Result<Option<Revision>, Error> {
    match options.revision.as_str() {
        "claimed" => Ok(None),
        named => named.parse().map(Some).map_err(|e| Error::Usage(format!("read --revision: {e}"))),
    }
}

/// Parses the baseline that ships with a backend. `shipped` is its file, relative to the repository's root, and its text.
pub fn shipped_baseline(shipped: Option<(&str, &str)>) -> Result<Baseline, Error> {
    // The file in the repository may be newer than the built-in text.
    Ok(match shipped {
        None => Baseline::default(),
        Some((path, text)) => match place::workspace().map(|root| root.join(path)).filter(|file| file.is_file()) {
            Some(file) => Baseline::read(&file)?,
            None => Baseline::parse(path, text)?,
        },
    })
}

/// The baseline that ships with the backend, overridden by those that the options name.
pub fn read_baselines(options: &cli::Gate, shipped: Option<(&str, &str)>) -> Result<Baseline, Error> {
    if options.no_baseline {
        return Ok(Baseline::default());
    }
    let mut baseline = shipped_baseline(shipped)?;
    for path in &options.baselines {
        // The last file is the one to update. It need not exist yet.
        let to_write = options.update_baseline && Some(path) == options.baselines.last();
        if to_write && !path.exists() {
            continue;
        }
        baseline.overlay(Baseline::read(path)?);
    }
    Ok(baseline)
}

/// The reasons that a baseline gives, for the report. An entry that nobody has explained yet gives none.
pub fn explanations(baseline: &Baseline) -> Vec<Explanation> {
    let explained = baseline.deviations.iter().filter(|known| known.reason != UNEXPLAINED);
    // An entry on several checks, or on any cause, explains none of them.
    let explanation = |known: &Known| {
        let (check, cause) = (known.check.one()?.clone(), known.cause?);
        Some(Explanation { check, cause: Some(cause), reason: known.reason.clone(), link: known.link.clone() })
    };
    explained.filter_map(explanation).collect()
}

/// Ends a run: prints the summary, writes JUnit XML and decides the exit code. With `--update-baseline` it updates the baseline instead.
/// `file` is the file that holds the results.
/// `quiet` is dropped before commands to the runner of a CI job are printed.
pub fn conclude(
    results: &Results,
    baseline: &Baseline,
    options: &cli::Gate,
    revision: Option<Revision>,
    file: &Path,
    junit: &Path,
    quiet: Option<github::Quiet>,
) -> Result<Exit, Error> {
    if options.update_baseline {
        let path = options.baselines.last().map(PathBuf::as_path);
        update(std::slice::from_ref(results), baseline, options.level, path)?;
        return Ok(Exit::Success);
    }
    let revision = revision.unwrap_or_else(|| gated_revision(&results.header));
    for known in baseline.deviations.iter().filter(|known| known.has_expired(results)) {
        let place = known.place.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let day = known.expires.as_deref().unwrap_or_default();
        print_line!("expired: {} was excused until {day}{place}: {}", known.check, known.reason);
    }
    let baseline = &baseline.applying(results, revision);
    let gate = Gate::judge(results, baseline, revision, options.level);
    let known: BTreeSet<&CheckId> = gate.known.iter().collect();
    let expected = |id: &CheckId| known.contains(id);
    let expected_cell = |check: &Check, cell: &Cell| baseline.covers(&check.id, cell);
    let view = array_assay_reports::Gate { revision, level: options.level, expected: &expected, expected_cell: &expected_cell };
    out::print_trusted(&summary_gated(results, &view, std::io::stdout().is_terminal()));
    for new in gate.unexpected.iter().filter(|unexpected| unexpected.partly_known) {
        print_line!("new: {new}");
    }
    for stale in &gate.stale {
        print_line!("stale: {stale}");
    }
    drop(quiet);
    let report = gate_report(results, &view, &|check| entries_on(check, baseline), stale_entries(results, &gate));
    junit_gated(results, &view, &report.stale, junit)?;
    write_gate_report(&report, &junit.with_file_name("gate.json"))?;
    let beside = |name: &str, content: serde_json::Value| {
        let path = junit.with_file_name(name);
        std::fs::write(&path, format!("{content:#}\n")).map_err(|source| Error::File { what: "write", path, source })
    };
    match options.format {
        cli::Format::Text => {}
        cli::Format::Github => github::show(&report, results)?,
        cli::Format::Gitlab => beside("gl-code-quality-report.json", code_quality(&report, results))?,
        cli::Format::Sarif => beside("results.sarif", sarif(&report, results))?,
    }
    print_line!("results: {}", file.display());
    Ok(if gate.is_open() { Exit::Success } else { Exit::Deviations })
}

/// The exit code of a run that only verifies another one with other cases. Entries of the baseline that it does not need are not counted.
pub fn exit(results: &Results, baseline: &Baseline, options: &cli::Gate, revision: Option<Revision>) -> Exit {
    let revision = revision.unwrap_or_else(|| gated_revision(&results.header));
    let gate = Gate::judge(results, &baseline.applying(results, revision), revision, options.level);
    if gate.unexpected.is_empty() { Exit::Success } else { Exit::Deviations }
}

/// The entries of a baseline that name what deviates in a check.
fn entries_on(check: &Check, baseline: &Baseline) -> Vec<BaselineEntry> {
    let found: Vec<Found> = check.cells.iter().flat_map(Found::in_cell).collect();
    let names = |known: &&Known| found.iter().any(|f| known.names(&check.id, f.cause) && known.excuses(&f.dtype, f.kind.as_deref()));
    baseline.deviations.iter().filter(names).map(|known| entry(&known.check, &known.reason, &known.link, &known.place)).collect()
}

/// The entries that name what no longer occurs, each at a check that ran.
fn stale_entries(results: &Results, gate: &Gate) -> Vec<StaleEntry> {
    let stale = |stale: &array_assay_harness::gate::Stale| {
        let check = results.checks.iter().find(|check| stale.check.include(&check.id))?.id.clone();
        let entry = entry(&stale.check, &stale.reason, &stale.link, &stale.place);
        Some(StaleEntry { check, entry, says: stale.to_string() })
    };
    gate.stale.iter().filter_map(stale).collect()
}

fn entry(check: &Checks, reason: &str, link: &Option<String>, place: &Option<Place>) -> BaselineEntry {
    let line = |line: fn(&Place) -> usize| place.as_ref().map(|place| line(place) as u64);
    BaselineEntry {
        check: check.to_string(),
        reason: reason.to_owned(),
        link: link.clone(),
        file: place.as_ref().map(|place| place.file.clone()),
        first_line: line(|place| place.first),
        last_line: line(|place| place.last),
    }
}

/// Runs the command `baseline`.
pub fn baseline(options: &cli::Baseline) -> Result<Exit, Error> {
    let options = match &options.command {
        cli::BaselineCommand::Update(options) => options,
        cli::BaselineCommand::Import(options) => return import::run(options),
    };
    let runs = options.results.iter().map(|path| Results::read(path)).collect::<Result<Vec<_>, _>>()?;
    let name = runs.first().map_or("", |run| run.header.backend.name.as_str());
    let mut baseline = shipped_baseline(backend::shipped(name))?;
    if let Some(path) = options.baseline.as_ref().filter(|path| path.exists()) {
        baseline.overlay(Baseline::read(path)?);
    }
    update(&runs, &baseline, options.level, options.baseline.as_deref())?;
    Ok(Exit::Success)
}

fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// Updates a baseline from runs and writes it to `path`, or to the file that ships with the backend.
fn update(runs: &[Results], baseline: &Baseline, level: Level, path: Option<&Path>) -> Result<(), Error> {
    let updated = baseline.updated(runs, level)?;
    let name = runs.first().map_or("", |run| run.header.backend.name.as_str());
    let own = || backend::shipped(name).and_then(|(file, _)| Some(place::workspace()?.join(file)));
    let path = path
        .map(Path::to_owned)
        .or_else(own)
        .ok_or_else(|| Error::Usage(format!("update the baseline of {name}: it ships with none; name a file with --baseline FILE")))?;
    let file = path.display().to_string();
    let text = updated.edited(baseline, &file, std::fs::read_to_string(&path).ok().as_deref(), name);
    std::fs::write(&path, text).map_err(|source| Error::File { what: "write", path: path.clone(), source })?;
    print_line!("{name}: {} known deviations; {file} is up to date", updated.baseline.deviations.len());
    let listed = |entries: &[&Known]| {
        entries.iter().take(LISTED).for_each(|known| print_line!("  {known}"));
        if entries.len() > LISTED {
            print_line!("  … and {} more", entries.len() - LISTED);
        }
    };
    let stale: Vec<&Known> = updated.stale.iter().filter(|known| known.place.as_ref().is_none_or(|place| place.file == file)).collect();
    if !stale.is_empty() {
        print_line!("removed {} whose deviation no longer occurs", entries(stale.len()));
        listed(&stale);
    }
    let elsewhere = updated.stale_elsewhere(&file);
    if !elsewhere.is_empty() {
        print_line!("{} of other files no longer occur; remove them there", entries(elsewhere.len()));
        for known in elsewhere {
            print_line!("  {}{known}", known.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default());
        }
    }
    let unexplained: Vec<&Known> = updated.baseline.deviations.iter().filter(|known| known.reason == UNEXPLAINED).collect();
    if !unexplained.is_empty() {
        print_line!("{} without an explanation; write one in `reason:`", entries(unexplained.len()));
        listed(&unexplained);
    }
    Ok(())
}
