//! `publish`: runs what a file of libraries and versions asks for and has no results yet, and writes the report of all results.

use std::path::{Path, PathBuf};

use array_assay_format::{CONSUMERS, GAPS, Header, Results, partial};
use clap::Parser;
use serde::Deserialize;

use crate::cli::{self, Cli};
use crate::command::report::RESULTS;
use crate::command::{conform, report};
use crate::exit::{Error, Exit};
use crate::out;
use crate::place;

/// The file: which runs a published report is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    /// The number of cases of a library that does not name its own.
    #[serde(default)]
    cases: Option<u32>,
    /// The seed of a library that does not name its own.
    #[serde(default)]
    seed: u64,
    libraries: Vec<Library>,
}

/// A library of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Library {
    /// The name, as `conform` takes it.
    name: String,
    /// Versions beside the pinned one.
    #[serde(default)]
    versions: Vec<String>,
    /// Whether the pinned version is left out.
    #[serde(default)]
    only_versions: bool,
    #[serde(default)]
    cases: Option<u32>,
    #[serde(default)]
    seed: Option<u64>,
    /// The time limit for one program, in seconds.
    #[serde(default)]
    timeout: Option<f64>,
    /// Whether the gaps of the standard are judged too.
    #[serde(default)]
    gaps: bool,
    /// Whether the workloads of consumers are replayed on the pinned version.
    #[serde(default)]
    consumers: bool,
}

/// A run of the file.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    name: String,
    cases: Option<u32>,
    seed: u64,
    timeout: Option<f64>,
    gaps: bool,
    consumers: bool,
}

impl Matrix {
    fn read(path: &Path) -> Result<Matrix, Error> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::File { what: "read", path: path.to_owned(), source })?;
        serde_yaml::from_str(&text).map_err(|error| Error::Usage(format!("read {}: {error}", path.display())))
    }

    /// The runs, in the order of the file, without repetitions.
    fn runs(&self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for library in &self.libraries {
            let pinned = (!library.only_versions).then(|| library.name.clone());
            let versions = library.versions.iter().map(|version| format!("{}=={version}", library.name));
            for name in pinned.into_iter().chain(versions) {
                let run = Run {
                    consumers: library.consumers && name == library.name,
                    name,
                    cases: library.cases.or(self.cases),
                    seed: library.seed.unwrap_or(self.seed),
                    timeout: library.timeout,
                    gaps: library.gaps,
                };
                if !runs.contains(&run) {
                    runs.push(run);
                }
            }
        }
        runs
    }
}

impl Run {
    /// Whether a results file is one of this run, as far as its header says.
    fn wrote(&self, header: &Header) -> bool {
        header.backend.name == self.name
            && header.seed == self.seed
            && self.cases.is_none_or(|cases| cases == header.cases)
            && header.restrictions().next().is_none()
            && header.options.contains_key(GAPS) == self.gaps
            && header.options.contains_key(CONSUMERS) == self.consumers
            && header.tool.version == env!("CARGO_PKG_VERSION")
    }

    /// The results of this run among files, if they are complete.
    fn done(&self, files: &[PathBuf]) -> bool {
        files.iter().any(|file| Results::read_header(file).is_ok_and(|header| self.wrote(&header)) && Results::read(file).is_ok())
    }

    /// Whether the part of a run that was stopped is one of this run.
    fn begun(&self, folder: &Path) -> bool {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| partial(&entry.path().join(RESULTS)))
            .any(|part| Results::read_header(&part).is_ok_and(|header| self.wrote(&header)))
    }

    /// The options of `conform` for it.
    fn options(&self, results: &Path, jobs: Option<usize>) -> Result<cli::Conform, Error> {
        let mut words = vec!["array-assay".to_owned(), "conform".to_owned(), self.name.clone(), format!("--seed={}", self.seed)];
        words.extend(self.cases.map(|cases| format!("--cases={cases}")));
        words.extend(self.timeout.map(|timeout| format!("--timeout={timeout}")));
        words.extend(jobs.map(|jobs| format!("--jobs={jobs}")));
        words.extend(self.consumers.then(|| "--consumers".to_owned()));
        words.extend(self.gaps.then(|| "--level=quality".to_owned()));
        words.push(format!("--out={}", results.display()));
        words.extend(self.begun(results).then(|| "--resume".to_owned()));
        match Cli::try_parse_from(words).map(|cli| cli.command) {
            Ok(cli::Command::Conform(options)) => Ok(options),
            Ok(_) => Err(Error::Fault(format!("run {}: its options are those of another command", self.name))),
            Err(error) => Err(Error::Usage(format!("run {}: {error}", self.name))),
        }
    }
}

/// Runs the command. A library that cannot be run is named, and the others are still published.
pub fn run(options: &cli::Publish) -> Result<Exit, Error> {
    let matrix = Matrix::read(&options.matrix)?;
    let (results, site) = (place::resolve(&options.results), place::resolve(&options.out));
    let there = report::results_below(&results);
    let runs = matrix.runs();
    let missing: Vec<&Run> = runs.iter().filter(|run| !run.done(&there)).collect();
    print_line!("{} of {} runs have results", runs.len() - missing.len(), runs.len());
    let mine = missing.iter().enumerate().filter(|(i, _)| match options.shard {
        _ if options.render => false,
        Some((index, count)) => *i as u32 % count == index - 1,
        None => true,
    });
    let mut exit = Exit::Success;
    for (_, run) in mine {
        match conform::run_backends(&run.options(&results, options.jobs)?) {
            // A deviation is what the report is about.
            Ok((found, Some(_))) => exit = exit.max(if found == Exit::Deviations { Exit::Success } else { found }),
            Ok((_, None)) => return Ok(Exit::Deviations),
            Err(error) => {
                warn_line!("{}: failed to {error}", run.name);
                exit = exit.max(error.exit());
            }
        }
    }
    let files: Vec<PathBuf> = report::results_below(&results).into_iter().filter(|file| Results::read_header(file).is_ok()).collect();
    if files.is_empty() {
        return Err(Error::Nothing(format!("publish {}: there are no results", options.matrix.display())));
    }
    let asked = |file: &&PathBuf| Results::read_header(file).is_ok_and(|header| runs.iter().any(|run| run.wrote(&header)));
    let (asked, others): (Vec<&PathBuf>, Vec<&PathBuf>) = files.iter().partition(asked);
    for other in others {
        out::print(&format!("not in {}, and left out: {}\n", options.matrix.display(), other.display()));
    }
    report::write(&asked.into_iter().cloned().collect::<Vec<_>>(), &site)?;
    Ok(exit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(text: &str) -> Matrix {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_matrix_is_the_pinned_version_and_those_that_it_names() {
        let text = "cases: 100\nlibraries:\n  - name: numpy\n    consumers: true\n    versions: [\"1.26.4\"]\n  - {name: jax, cases: 10, seed: 3}\n";
        let runs = matrix(text).runs();
        let shown: Vec<(&str, Option<u32>, u64)> = runs.iter().map(|run| (run.name.as_str(), run.cases, run.seed)).collect();
        assert_eq!(shown, [("numpy", Some(100), 0), ("numpy==1.26.4", Some(100), 0), ("jax", Some(10), 3)]);
        assert_eq!(runs.iter().map(|run| run.consumers).collect::<Vec<_>>(), [true, false, false]);
        let options = runs[1].options(Path::new("results"), Some(1)).unwrap();
        assert_eq!(
            (options.backends.as_slice(), options.cases, options.resume),
            (&["numpy==1.26.4".to_owned()][..], Some(cli::Cases::Number(100)), false)
        );
    }

    #[test]
    fn a_key_that_means_nothing_is_an_error() {
        assert!(serde_yaml::from_str::<Matrix>("libraries: [{name: numpy, vresions: []}]").is_err());
    }
}
