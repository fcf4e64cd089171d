//! `report`, `badge`, `compare` and `merge`, which read results files and run no backend.

use std::path::{Path, PathBuf};

use array_assay_format::{GateReport, Header, Results};
use array_assay_harness::gate::UNEXPLAINED;
use array_assay_reports::{Background, Explanation, Input, RealConsumers, site};
use array_assay_spec::Spec;

use crate::backend;
use crate::cli;
use crate::command::{consumers, gate, github};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;

/// The name of the results file in the folder of a run.
pub const RESULTS: &str = "results.jsonl";

fn read(paths: &[PathBuf]) -> Result<Vec<Results>, Error> {
    paths.iter().map(|path| Results::read(path).map_err(Error::from)).collect()
}

/// Writes the HTML report.
pub fn report(options: &cli::Report) -> Result<Exit, Error> {
    write(&named("report", &options.results)?, &place::resolve(&options.out))?;
    Ok(Exit::Success)
}

/// The results files that a command names. A folder stands for those in it and in its folders.
fn named(command: &str, paths: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let below = results_below(path);
        if below.is_empty() {
            return Err(Error::Usage(format!("{command} {}: no file in this folder or its folders is called {RESULTS}", path.display())));
        }
        files.extend(below);
    }
    Ok(files)
}

/// The results files in a folder and its folders, in the order of their paths.
pub fn results_below(folder: &Path) -> Vec<PathBuf> {
    /// So deep are folders searched.
    const DEPTH: usize = 5;
    fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let (path, kind) = (entry.path(), entry.file_type());
            match kind {
                Ok(kind) if kind.is_dir() && depth < DEPTH => collect(&path, depth + 1, found),
                Ok(kind) if kind.is_file() && path.file_name().is_some_and(|name| name == RESULTS) => found.push(path),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    collect(folder, 0, &mut found);
    found.sort();
    found
}

/// Writes the report of results files into a folder. They are read one after the other.
pub fn write(files: &[PathBuf], out: &Path) -> Result<(), Error> {
    let input = |path: &PathBuf| -> Result<Input<'_, Error>, Error> {
        let header = Results::read_header(path)?;
        let path = path.clone();
        let read = move || {
            let results = Results::read(&path)?;
            let known = explanations(&path, &results.header);
            Ok((results, known))
        };
        Ok(Input { header, read: Box::new(read) })
    };
    let inputs = files.iter().map(input).collect::<Result<Vec<_>, Error>>()?;
    // Without the spec, if faults were built into it, the report lacks the pages of clauses.
    let names: Vec<String> = inputs.iter().map(|input| input.header.backend.name.clone()).collect();
    let background = Spec::built_in().ok().map(|spec| {
        let truth = move || names.into_iter().map(|name| (name.clone(), consumers::told(&name))).collect();
        let known = move || RealConsumers { truth: truth(), claims: consumers::held(), freedoms: consumers::taken() };
        Background::new(spec, Box::new(known))
    });
    site(inputs, background.as_ref(), out)?;
    print_line!("report: {}", out.join("index.html").display());
    Ok(())
}

/// What is known of the deviations in a results file: what the gate of its run said, in the file beside it, or else the baseline that ships
/// with the library.
fn explanations(path: &Path, header: &Header) -> Vec<Explanation> {
    let gate = std::fs::read(path.with_file_name("gate.json")).ok().and_then(|text| serde_json::from_slice::<GateReport>(&text).ok());
    match gate.filter(|gate| gate.backend == header.backend.name) {
        Some(gate) => {
            let known =
                gate.checks.into_iter().flat_map(|standing| standing.known.into_iter().map(move |known| (standing.id.clone(), known)));
            let explained = known.filter(|(_, known)| known.reason != UNEXPLAINED);
            explained.map(|(check, known)| Explanation { check, cause: None, reason: known.reason, link: known.link }).collect()
        }
        // Without it the pages lack the reasons, and nothing else.
        None => gate::explanations(&gate::shipped_baseline(backend::shipped(&header.backend.name)).unwrap_or_default()),
    }
}

/// Prints a badge or a table.
pub fn badge(options: &cli::Badge) -> Result<Exit, Error> {
    let results = read(&options.results)?;
    match (options.format, results.as_slice()) {
        (cli::BadgeFormat::Markdown, all) => out::print(&array_assay_reports::markdown(all)),
        (cli::BadgeFormat::Svg, [one]) => out::print(&array_assay_reports::badge(one).svg()),
        (cli::BadgeFormat::Json, [one]) => out::print(&array_assay_reports::badge(one).json()),
        _ => return Err(Error::Usage("print a badge: name one results file; --format markdown takes several".to_owned())),
    }
    Ok(Exit::Success)
}

/// Compares two files.
pub fn compare(options: &cli::Compare) -> Result<Exit, Error> {
    let comparison = array_assay_reports::compare(&Results::read(&options.old)?, &Results::read(&options.new)?);
    out::print(&match options.format {
        cli::CompareFormat::Text => comparison.to_string(),
        cli::CompareFormat::Markdown => comparison.markdown(),
    });
    Ok(if comparison.regressions() { Exit::Deviations } else { Exit::Success })
}

/// Merges shards, and decides the exit code for the whole run.
pub fn merge(options: &cli::Merge) -> Result<Exit, Error> {
    let revision = gate::revision(&options.gate)?;
    let quiet = github::Quiet::of(&options.gate);
    let merged = array_assay_reports::merge(read(&named("merge", &options.shards)?)?, &array_assay_harness::run::place(Spec::embedded()))?;
    let name = merged.header.backend.name.clone();
    let baseline = gate::read_baselines(&options.gate, backend::shipped(&name))?;
    merged.write(&options.out).map_err(|source| Error::File { what: "write", path: options.out.clone(), source })?;
    print_line!("{} checks written to {}", merged.checks.len(), options.out.display());
    let junit = options.out.with_file_name("junit.xml");
    gate::conclude(&merged, &baseline, &options.gate, revision, &options.out, &junit, quiet)
}
