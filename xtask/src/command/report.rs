//! `report`, `compare` and `merge`, which read results files and run no backend.

use array_assay_format::Results;
use array_assay_spec::Spec;

use crate::backend;
use crate::cli;
use crate::command::{gate, github};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;

fn read(paths: &[std::path::PathBuf]) -> Result<Vec<Results>, Error> {
    paths.iter().map(|path| Results::read(path).map_err(Error::from)).collect()
}

/// Writes the HTML report.
pub fn report(options: &cli::Report) -> Result<Exit, Error> {
    let out = place::resolve(&options.out);
    // Without the baseline of a library its page lacks the reasons, and nothing else.
    let shipped = |results: &Results| gate::shipped_baseline(backend::shipped(&results.header.backend.name)).unwrap_or_default();
    array_assay_reports::site(&read(&options.results)?, &|results| gate::explanations(&shipped(results)), &out)?;
    print_line!("report: {}", out.join("index.html").display());
    Ok(Exit::Success)
}

/// Compares two files.
pub fn compare(options: &cli::Compare) -> Result<Exit, Error> {
    let comparison = array_assay_reports::compare(&Results::read(&options.old)?, &Results::read(&options.new)?);
    out::print(&comparison.to_string());
    Ok(if comparison.regressions() { Exit::Deviations } else { Exit::Success })
}

/// Merges shards, and decides the exit code for the whole run.
pub fn merge(options: &cli::Merge) -> Result<Exit, Error> {
    let revision = gate::revision(&options.gate)?;
    let quiet = github::Quiet::of(&options.gate);
    let merged = array_assay_reports::merge(read(&options.shards)?, &array_assay_harness::run::place(Spec::embedded()))?;
    let name = merged.header.backend.name.clone();
    let baseline = gate::read_baselines(&options.gate, backend::shipped(&name))?;
    merged.write(&options.out).map_err(|source| Error::File { what: "write", path: options.out.clone(), source })?;
    print_line!("{} checks written to {}", merged.checks.len(), options.out.display());
    let junit = options.out.with_file_name("junit.xml");
    gate::conclude(&merged, &baseline, &options.gate, revision, &options.out, &junit, quiet)
}
