//! `gaps`: lists functions that the standard or a backend lacks, and drafts a proposal for one.

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use array_assay_format::Results;
use array_assay_harness::run::{Options, conform};
use array_assay_reports::{gaps_markdown, proposal};
use array_assay_spec::Spec;

use crate::backend::{self, Named};
use crate::cli::{self, GapsCommand};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;
use crate::progress::Display;

/// Runs the command.
pub fn run(options: &cli::Gaps) -> Result<Exit, Error> {
    let spec = Spec::embedded();
    match &options.command {
        Some(GapsCommand::Rfc { name, results }) => {
            let known = || spec.gaps().iter().map(|gap| gap.function.name.as_str()).collect::<Vec<_>>().join(", ");
            let gap = spec.gap(name).ok_or_else(|| Error::Usage(format!("find the gap `{name}`: the known gaps are {}", known())))?;
            let files = if results.is_empty() { found() } else { results.clone() };
            let results = files.iter().map(|file| Results::read(file)).collect::<Result<Vec<_>, _>>()?;
            out::print(&proposal(spec, gap, &results));
        }
        None => {
            let probed = options.backend.as_deref().map(|name| probe(spec, name, options)).transpose()?;
            out::print(&gaps_markdown(spec, probed.as_ref()));
        }
    }
    Ok(Exit::Success)
}

/// Checks only the presence of every function of the standard and of every gap in a backend.
fn probe(spec: &'static Spec, name: &str, options: &cli::Gaps) -> Result<Results, Error> {
    let display = Display::new(name);
    let Named { backend, .. } = backend::find(name, options.python.as_deref(), &mut |line| display.say(line))?;
    let present = "*::present".parse().map_err(|e| Error::Fault(format!("parse a built-in glob: {e}")))?;
    let asked = Options { select: vec![present], ..Options::default() };
    let run = conform(spec, &backend, &asked, None, None, &AtomicBool::new(false), &display)?;
    let footer = run.footer.ok_or_else(|| Error::Fault(format!("look for the functions of {name}: the run was stopped")))?;
    Ok(Results { header: run.header, checks: run.checks, footer })
}

/// The complete results files of earlier runs below `target/conform`.
fn found() -> Vec<PathBuf> {
    let folder = place::resolve(std::path::Path::new("target/conform"));
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path().join("results.jsonl"))).collect();
    files.retain(|file| file.is_file() && Results::read(file).is_ok());
    files.sort();
    files
}
